import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { expect, type BrowserContext, type Page } from "@playwright/test";

/** What `window.sluice` is, as the README describes it. */
declare global {
  interface Window {
    sluice: { ready: Promise<unknown>; call(service: string, operation: string, params?: unknown): Promise<any> };
  }
}

/** Opens the site and waits until the account answers. */
export async function open(page: Page, address = "./"): Promise<void> {
  await page.goto(address);
  await page.waitForFunction(() => typeof window.sluice === "object");
  await page.evaluate(async () => void (await window.sluice.ready));
}

/** One API call, as a script in the page would make it; an error comes back as `{ code, message }`. */
export async function call(page: Page, service: string, operation: string, params: unknown = {}): Promise<any> {
  const answer = await page.evaluate(
    async ([service, operation, params]) => {
      try {
        return { response: await window.sluice.call(service as string, operation as string, params) };
      } catch (error: any) {
        return { error: { code: error.code, message: error.message } };
      }
    },
    [service, operation, params],
  );
  return answer.error ? Promise.reject(Object.assign(new Error(`${answer.error.code}: ${answer.error.message}`), answer.error)) : answer.response;
}

/** Keys and sizes of a bucket, by API. */
export async function objects(page: Page, bucket: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  let token: string | undefined;
  do {
    const listing = await call(page, "s3", "ListObjectsV2", token ? { Bucket: bucket, ContinuationToken: token } : { Bucket: bucket });
    for (const object of listing.Contents ?? []) found.set(object.Key, object.Size);
    token = listing.IsTruncated ? listing.NextContinuationToken : undefined;
  } while (token);
  return found;
}

/** Ends the page's process as a crash does, without a chance to write anything. */
export async function crash(context: BrowserContext, page: Page): Promise<void> {
  const devtools = await context.newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  // The renderer dies before it can answer.
  devtools.send("Page.crash").catch(() => undefined);
  await crashed;
  await page.close().catch(() => undefined);
}

export const md5 = (bytes: Buffer | string): string => createHash("md5").update(bytes).digest("hex");

/** A small seeded generator (mulberry32), so that a failing run can be repeated. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Screenshots are an artefact of the run, kept out of git. */
export async function shot(page: Page, name: string): Promise<void> {
  mkdirSync("artefacts", { recursive: true });
  await page.screenshot({ path: `artefacts/${name}.png` });
}

/** Fails on anything the console calls an error, and on any request that leaves the origin. */
export function watch(page: Page): { check(): void } {
  const origin = new URL(process.env.SLUICE_URL ?? "http://127.0.0.1:8080/").origin;
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) problems.push(`request to ${url}`);
  });
  return { check: () => expect(problems).toEqual([]) };
}
