import { expect, test } from "@playwright/test";
import { call, open } from "../support";

const NODES = 200;
const EDGES = 300;
/** Milliseconds of main-thread work a frame, 95th percentile, and the share of frames that come within 20 ms. */
const WORK = 8;
const SMOOTH = 0.95;

/** A job of 200 nodes and 300 edges: Drop Fields and Unions in turn, fed by nodes a few steps back. */
function graph(): Record<string, unknown> {
  const nodes: Record<string, unknown> = {
    n0: { S3CatalogSource: { Name: "Data Catalog", Database: "d", Table: "t" } },
    n1: { DropFields: { Name: "Drop Fields 1", Inputs: ["n0"], Paths: [["a"]] } },
  };
  for (let i = 2; i < NODES; i++) {
    // 101 Unions with two edges each, 98 Drop Fields with one.
    const union = i % 2 === 0 || i === 3 || i === 5;
    nodes[`n${i}`] = union
      ? { Union: { Name: `Union ${i}`, Inputs: [`n${Math.max(0, i - 1 - (i % 7))}`, `n${Math.max(1, i - 2 - (i % 5))}`], UnionType: "ALL" } }
      : { DropFields: { Name: `Drop Fields ${i}`, Inputs: [`n${Math.max(0, i - 1 - (i % 9))}`], Paths: [["a"]] } };
  }
  return nodes;
}

const percentile = (values: number[], share: number): number => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

test("dragging a card among 200 nodes and 300 edges", async ({ page, context, browser }) => {
  await open(page, "./?account=bench-drag&storage=memory");
  await call(page, "glue", "CreateJob", { Name: "big", Role: "AWSGlueServiceRole-bench", JobMode: "VISUAL", Command: { Name: "glueetl" }, CodeGenConfigurationNodes: graph() });
  await page.evaluate(() => void (location.hash = "#/etl/big"));
  await expect(page.locator("#etl-canvas .node")).toHaveCount(NODES);
  await expect(page.locator(".rails g[data-edge]")).toHaveCount(EDGES);
  // Until the preview of the graph has ended, its work would be counted too.
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 10_000 })));

  // The card nearest to the middle of the view, once the view has come to rest on some.
  const found = await page.waitForFunction(() => {
    const canvas = document.querySelector("#etl-canvas")!.getBoundingClientRect();
    const off = (node: Element) => {
      const box = node.getBoundingClientRect();
      return Math.hypot((box.left + box.right - canvas.left - canvas.right) / 2, (box.top + box.bottom - canvas.top - canvas.bottom) / 2);
    };
    const nearest = [...document.querySelectorAll<HTMLElement>("#etl-canvas .node")].sort((a, b) => off(a) - off(b))[0];
    return nearest && off(nearest) < canvas.height / 2 ? nearest.dataset.nodeId : undefined;
  }, undefined, { timeout: 10_000 });
  const id = await found.jsonValue();
  const box = (await page.locator(`#etl-canvas [data-node-id="${id}"]`).boundingBox())!;
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };

  // Frames by requestAnimationFrame; work by Chromium's own trace: what the main thread of the page ran between two of them.
  await page.evaluate(() => {
    const frames: number[] = [];
    Object.assign(window, { frames });
    let last = performance.now();
    const next = () => {
      const now = performance.now();
      frames.push(now - last);
      last = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await page.mouse.move(centre.x, centre.y);
  await page.mouse.down();
  await page.mouse.move(centre.x + 8, centre.y + 8);
  const devtools = await browser.newBrowserCDPSession();
  const events: any[] = [];
  devtools.on("Tracing.dataCollected", ({ value }: any) => events.push(...value));
  await devtools.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline", "devtools.timeline", "blink.user_timing"] } });
  await page.evaluate(() => {
    (window as any).frames.length = 0;
    performance.mark("drag-start");
  });
  for (let i = 1; i <= 180; i++) await page.mouse.move(centre.x + 8 + Math.sin(i / 15) * 200, centre.y + 8 + Math.sin(i / 9) * 60);
  const frames = await page.evaluate(() => {
    performance.mark("drag-end");
    return [...((window as any).frames as number[])];
  });
  const ended = new Promise((done) => devtools.once("Tracing.tracingComplete", done));
  await devtools.send("Tracing.end");
  await ended;
  await page.mouse.up();

  const start = events.find((event) => event.name === "drag-start");
  const end = events.find((event) => event.name === "drag-end");
  const own = events.filter((event) => event.pid === start.pid && event.tid === start.tid && event.ts >= start.ts && event.ts <= end.ts);
  const beats = own.filter((event) => event.name === "FireAnimationFrame").map((event) => event.ts).sort((a, b) => a - b);
  const tasks = own.filter((event) => event.ph === "X" && event.name === "RunTask");
  const moves = own.filter((event) => event.name === "EventDispatch" && event.args.data.type === "pointermove").map((event) => event.ts);
  // Script, style, layout, paint and commit between two frames, where the pointer moved: frames at rest would hide the others.
  const work = beats
    .slice(1)
    .map((beat, index) => [beats[index], beat])
    .filter(([from, to]) => moves.some((move) => move >= from && move < to))
    .map(([from, to]) => tasks.filter((task) => task.ts >= from && task.ts < to).reduce((sum, task) => sum + (task.tdur ?? task.dur), 0) / 1000);
  const smooth = frames.filter((frame) => frame < 20).length / frames.length;
  const total = (name: string) => own.filter((event) => event.name === name && event.ph === "X").reduce((sum, event) => sum + event.dur, 0) / 1000 / work.length;
  const parts = ["FunctionCall", "UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit"].map((name) => `${name} ${total(name).toFixed(2)}`).join(", ");
  console.log(`drag, ${NODES} nodes, ${EDGES} edges: ${work.length} frames, main-thread work p50 ${percentile(work, 0.5).toFixed(1)} ms, p95 ${percentile(work, 0.95).toFixed(1)} ms; ${(smooth * 100).toFixed(1)} % of frames within 20 ms (p95 ${percentile(frames, 0.95).toFixed(1)} ms)`);
  console.log(`  mean a frame, ms: ${parts}`);
  expect(work.length).toBeGreaterThan(60);
  expect(percentile(work, 0.95)).toBeLessThanOrEqual(WORK);
  expect(smooth).toBeGreaterThanOrEqual(SMOOTH);
});
