import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { open } from "../support";

const SHARDS = 4_000;
/** What `crates/core/benches/streams.rs` routes too. */
const KEYS = Number(process.env.SLUICE_BENCH_KEYS ?? 1_000_000);
const PREFIX = "vehicle-";
/** Seconds that the minute may take in the account worker, and milliseconds that a seek may. */
const MINUTE = 6;
const SEEK = 50;
/** Budgets are of the release build; for others the times are printed alone. */
const RELEASE = process.env.SLUICE_BENCH_UNOPTIMISED === undefined;

const frozen = JSON.parse(readFileSync(resolve("../../tests/cases/stream-scenarios.json"), "utf8")).bench;

interface Played {
  millis: number;
  answer: { Done: boolean; Events: number; Hash: string };
}

/** `sluice:PlayScenario` up to an instant, by as many calls as it takes: milliseconds until the page has the answer. */
const play = (page: Page, scenario: unknown, at: number): Promise<Played> =>
  page.evaluate(
    async ([scenario, at]) => {
      const start = performance.now();
      for (;;) {
        const answer = await window.sluice.call("sluice", "PlayScenario", { Scenario: scenario, At: at, Budget: 1_000_000_000 });
        if (answer.Done) return { millis: performance.now() - start, answer };
      }
    },
    [scenario, at] as const,
  );

test("keys routed a second, beside JavaScript", async ({ page }) => {
  await open(page, "./?account=bench-keys&storage=memory");
  // Evaluated, not added as scripts: the page's policy takes none but its own.
  for (const script of ["hash-wasm/dist/md5.umd.min.js", "js-md5/build/md5.min.js"]) {
    await page.evaluate(readFileSync(resolve("node_modules", script), "utf8"));
  }
  const found = await page.evaluate(
    async ([shards, keys, prefix]) => {
      const timed = async <T>(work: () => T | Promise<T>): Promise<{ seconds: number; value: T }> => {
        const start = performance.now();
        const value = await work();
        return { seconds: (performance.now() - start) / 1e3, value };
      };
      const ours = async (): Promise<number[]> => {
        const answer = await window.sluice.call("sluice", "RouteKeys", { Prefix: prefix, Count: keys, Shards: shards });
        return answer.Shards.map((shard: { Keys: number }) => shard.Keys);
      };
      const step = (1n << 128n) / BigInt(shards);
      const starts = Array.from({ length: shards }, (_, shard) => step * BigInt(shard));
      /** The same in the page, by a function that says a text's MD5 in hexadecimal digits. */
      const script = (md5: (text: string) => string): number[] => {
        const counts = new Array<number>(shards).fill(0);
        for (let key = 0; key < keys; key++) {
          const hash = BigInt("0x" + md5(prefix + key));
          let low = 0;
          let high = shards;
          while (high - low > 1) {
            const middle = (low + high) >> 1;
            if (starts[middle] <= hash) low = middle;
            else high = middle;
          }
          counts[low]++;
        }
        return counts;
      };
      const { hashwasm, md5 } = window as unknown as { hashwasm: { createMD5(): Promise<any> }; md5: (text: string) => string };
      const hasher = await hashwasm.createMD5();
      await window.sluice.call("sluice", "RouteKeys", { Prefix: prefix, Count: 1, Shards: 1 });
      return {
        ours: await timed(ours),
        wasm: await timed(() => script((text) => hasher.init().update(text).digest())),
        script: await timed(() => script(md5)),
      };
    },
    [SHARDS, KEYS, PREFIX] as const,
  );
  const rate = (one: { seconds: number }): string => (KEYS / one.seconds / 1e6).toFixed(2);
  console.log(`keys routed over ${SHARDS} shards: ${rate(found.ours)} M a second in Chromium, hash-wasm ${rate(found.wasm)} M, js-md5 ${rate(found.script)} M`);
  expect(found.ours.value.reduce((sum, keys) => sum + keys, 0)).toBe(KEYS);
  expect(found.wasm.value).toEqual(found.ours.value);
  expect(found.script.value).toEqual(found.ours.value);
  if (RELEASE) expect(found.ours.seconds, "slower than JavaScript").toBeLessThan(Math.min(found.wasm.seconds, found.script.seconds));
});

test("a minute of 100,000 records a second over 1,000 shards", async ({ page }) => {
  await open(page, "./?account=bench-minute&storage=memory");
  const { millis, answer } = await play(page, frozen.scenario, frozen.at);
  console.log(`${frozen.name}: ${(millis / 1e3).toFixed(2)} s in Chromium, ${answer.Events} pieces of work, trace ${answer.Hash}`);
  expect(answer.Hash).toBe(frozen.hash);
  if (RELEASE) expect(millis / 1e3).toBeLessThanOrEqual(MINUTE);
});

test("seeking in a run of 1,000,000 records", async ({ page }) => {
  await open(page, "./?account=bench-seek&storage=memory");
  const scenario = structuredClone(frozen.scenario);
  scenario.Calls[0].Params.ShardCount = 20;
  scenario.Calls[1].Params.RecordsPerSecond = 16_700;
  const whole = await play(page, scenario, 75);
  const seeks: number[] = [];
  for (let seek = 0; seek < 200; seek++) {
    seeks.push((await play(page, scenario, 10 + (((seek * 37) % 200) / 200) * 60)).millis);
  }
  const again = await play(page, scenario, 75);
  expect(again.answer.Hash, "seeking changes nothing").toBe(whole.answer.Hash);
  seeks.sort((a, b) => a - b);
  console.log(`seeking in a run of ${whole.answer.Events} pieces of work: ${seeks[100].toFixed(1)} ms at the median and ${seeks[199].toFixed(1)} ms at most in Chromium`);
  if (RELEASE) expect(seeks[199]).toBeLessThanOrEqual(SEEK);
});
