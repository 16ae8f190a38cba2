import { expect, test, type Page } from "@playwright/test";
import { call, open, watch } from "../support";

const event = (page: Page, id: string) => page.locator(`[data-event="${id}"]`);
const slider = (page: Page, name: string) => page.getByRole("region", { name: "Settings" }).getByRole("slider", { name });
const metric = (page: Page, name: string) => page.getByRole("table", { name: "Metrics" }).getByRole("row").filter({ hasText: name }).getByRole("cell").last();

async function scene(page: Page, id: string, query = ""): Promise<void> {
  await open(page, `./${query}#/streams/flink/${id}`);
  await expect(page.getByRole("slider", { name: "Time", exact: true })).toBeVisible();
}

/** What becomes of an event, as its mark says. */
const says = (page: Page, id: string, words: string | RegExp) => expect(event(page, id)).toHaveAttribute("aria-label", words);

/** Drags an event down the plane, so many seconds of processing time; the plane's own labels say how much that is. */
async function drag(page: Page, id: string, seconds: number): Promise<void> {
  const pixels = await page.locator(".plane svg").evaluate((svg) => {
    const y = (text: string) => Number([...svg.querySelectorAll("text")].find((label) => label.textContent?.trim() === text && Number(label.getAttribute("x")) < 52)?.getAttribute("y"));
    return (y("02:00") - y("00:40")) / 80;
  });
  await event(page, id).scrollIntoViewIfNeeded();
  const box = (await event(page, id).locator(".hit").boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 1; step <= 8; step += 1) await page.mouse.move(x, y + (seconds * pixels * step) / 8);
  await page.mouse.up();
}

test("an event dragged later: behind the watermark, late and counted, too late; lateness takes it back", async ({ page }) => {
  const console = watch(page);
  await scene(page, "late-data", "?at=165");
  await says(page, "b", /on time/);
  await expect(metric(page, "too late")).toHaveText("1");
  // 30 s at 75 s: the watermark is 47.999, its window [0, 60) is open.
  await drag(page, "b", 42);
  await says(page, "b", /behind the watermark, its window still open/);
  await expect(page.getByRole("heading", { name: "Why is b behind the watermark, and not late?" })).toBeVisible();
  await expect(metric(page, "too late")).toHaveText("1");
  // At 100 s it has fired, and is kept: it fires again.
  await drag(page, "b", 25);
  await says(page, "b", /late, and accepted/);
  await expect(metric(page, "firings")).not.toHaveText("2");
  // Past 59.999 + 30 of lateness.
  await drag(page, "b", 30);
  await says(page, "b", /too late: late side output/);
  await expect(metric(page, "too late")).toHaveText("2");
  await expect(page.getByRole("region", { name: "The selected event" })).toContainText("state cleared");

  // More lateness, and it counts again: by mouse, along the slider.
  const lateness = slider(page, "allowed lateness");
  const box = (await lateness.boundingBox())!;
  await page.mouse.click(box.x + box.width * 0.75, box.y + box.height / 2);
  await says(page, "b", /late, and accepted/);
  await expect(metric(page, "too late")).toHaveText("0");
  // What the change put aside comes back.
  await page.getByRole("button", { name: "Bring it back" }).click();
  await says(page, "b", /too late/);
  console.check();
});

test("the same by keyboard alone", async ({ page }) => {
  const console = watch(page);
  await scene(page, "late-data", "?at=165");
  await event(page, "b").focus();
  for (let press = 0; press < 4; press += 1) await page.keyboard.press("Shift+ArrowDown");
  await says(page, "b", /arrives 01:13, behind the watermark, its window still open/);
  for (let press = 0; press < 3; press += 1) await page.keyboard.press("Shift+ArrowDown");
  await says(page, "b", /late, and accepted/);
  for (let press = 0; press < 3; press += 1) await page.keyboard.press("Shift+ArrowDown");
  await says(page, "b", /arrives 02:13, too late: late side output/);
  await slider(page, "allowed lateness").focus();
  for (let press = 0; press < 8; press += 1) await page.keyboard.press("PageUp");
  await says(page, "b", /late, and accepted/);
  // Moved right, into a later window, it is ahead of the watermark again.
  await slider(page, "allowed lateness").focus();
  await page.keyboard.press("Home");
  await says(page, "b", /too late/);
  await event(page, "b").focus();
  for (let press = 0; press < 10; press += 1) await page.keyboard.press("Shift+ArrowRight");
  await says(page, "b", /on time/);
  console.check();
});

test("one idle shard stops the world, until silence means idle", async ({ page }) => {
  const console = watch(page);
  await scene(page, "idle-partition");
  await expect(metric(page, "firings")).toHaveText("0");
  await page.getByRole("button", { name: "Silent for 10 s is idle" }).click();
  await expect(metric(page, "firings")).toHaveText("3");
  await expect(metric(page, "watermark")).toHaveText("01:55.999");
  // The link holds the change.
  await expect.poll(() => page.url()).toContain("idle=10000");
  await page.getByRole("button", { name: "Log" }).click();
  await expect(page.getByRole("list", { name: "Log" })).toContainText("shard 1 is idle");
  console.check();
});

test("an event bridges two sessions, in lanes", async ({ page }) => {
  await scene(page, "sessions");
  const lanes = page.locator(".lanes svg");
  await expect(lanes).toContainText("[00:04, 00:29)");
  await expect(lanes).not.toContainText("[00:04, 01:03)");
  await page.getByRole("button", { name: "On by an event" }).click();
  await expect(lanes).toContainText("[00:04, 01:03)");
});

for (const way of ["mouse", "keyboard"] as const) {
  test(`a task manager dies: twice at the sink, once with a sink that commits; by ${way}`, async ({ page }) => {
    const console = watch(page);
    await scene(page, "recovery", "?at=34.6");
    const press = async (name: string) => {
      const button = page.getByRole("button", { name });
      if (way === "mouse") await button.click();
      else await button.press("Enter");
    };
    await press("Kill a task manager now");
    const time = page.getByRole("slider", { name: "Time", exact: true });
    await expect(page.locator(".flow svg").getByText("RESTARTING")).toBeVisible();
    await time.press("End");
    await expect(page.getByText(/results? came more than once/)).toBeVisible();
    await expect(page.getByText("← the job came back from here")).toBeVisible();
    await press("A sink that commits with checkpoints");
    await expect(page.getByText(/came more than once/)).toHaveCount(0);
    await expect(page.getByText(/Each result came once/)).toBeVisible();
    console.check();
  });
}

test("said before seen, and counted", async ({ page }) => {
  await scene(page, "late-data", "?at=165");
  await page.getByRole("button", { name: "Predict" }).click();
  await says(page, "k", /its outcome is hidden/);
  await event(page, "k").press("Enter");
  await page.getByRole("radio", { name: "it comes too late" }).check();
  await event(page, "i").press("Enter");
  await page.getByRole("radio", { name: "it counts at its window’s first firing" }).check();
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByText("1 of 2 right.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Your predictions" })).toContainText("✕ i: you said it counts at its window’s first firing; its window fires again for it");
});

test("two settings on the same events, and a link to an instant", async ({ page, context }) => {
  await scene(page, "late-data", "?at=165");
  await page.getByLabel("Beside this run").selectOption({ label: "Allow no lateness" });
  await expect(page.getByRole("region", { name: "Comparison" })).toContainText("event i");
  await event(page, "k").focus();
  await page.keyboard.press("Shift+ArrowUp");
  await expect.poll(() => page.url()).toContain("events=");
  const copy = await context.newPage();
  await open(copy, page.url());
  await says(copy, "k", /event time 00:40, arrives 02:20/);
});

test("events of a file and of a stream; results into a bucket and onto a stream", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/streams/flink/late-data");
  const csv = "player,event_time,points\nada,2026-01-01T00:00:05Z,3\nbob,2026-01-01T00:00:02Z,4\nada,2026-01-01T00:01:30Z,5\n";
  await call(page, "s3", "CreateBucket", { Bucket: "game" });
  await call(page, "s3", "PutObject", { Bucket: "game", Key: "events.csv", Body: Buffer.from(csv).toString("base64") });
  await page.getByText("Events of the account").click();
  await page.getByLabel("File: bucket/key").fill("game/events.csv");
  await page.getByLabel("File: bucket/key").press("Tab");
  await expect(page.getByText("3 rows; at most 200 are taken.")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Key", exact: true })).toHaveValue("player");
  await page.getByRole("button", { name: "Put them on the plane" }).click();
  // bob's comes with the one before it, and the one before that happened later.
  await says(page, "2", /event time 00:00, arrives 00:03/);
  await page.getByRole("slider", { name: "Time", exact: true }).press("End");
  await expect(metric(page, "firings")).toHaveText("2");
  await page.getByText("Results into the account").click();
  await page.getByLabel("Object: bucket/key of the results").fill("game/results.jsonl");
  await page.getByRole("button", { name: "Put what the sink has" }).click();
  await expect(page.getByText("2 results are in game/results.jsonl.")).toBeVisible();
  const { Body } = await call(page, "s3", "GetObject", { Bucket: "game", Key: "results.jsonl" });
  const lines = Buffer.from(Body, "base64").toString().trim().split("\n").map((line) => JSON.parse(line));
  expect(lines.map(({ key, window_start, result }) => [key, window_start, result])).toEqual([["ada", 0, 3], ["bob", 0, 4]]);

  // Onto a stream, and from there back onto the plane.
  await call(page, "kinesis", "CreateStream", { StreamName: "board", ShardCount: 1 });
  await call(page, "clock", "Advance", { Seconds: 60 });
  await page.getByRole("combobox", { name: "To", exact: true }).selectOption("stream");
  await page.getByLabel("To the stream").fill("board");
  await page.getByRole("button", { name: "Put what the sink has" }).click();
  await expect(page.getByText("2 results are in board.")).toBeVisible();
  await page.getByRole("combobox", { name: "From", exact: true }).selectOption("stream");
  await page.getByRole("textbox", { name: "Stream", exact: true }).fill("board");
  await page.getByRole("textbox", { name: "Stream", exact: true }).press("Tab");
  await expect(page.getByText("2 rows; at most 200 are taken.")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Key", exact: true })).toHaveValue("(partition key)");
  await page.getByRole("combobox", { name: "Event time", exact: true }).selectOption("window_start");
  await page.getByRole("button", { name: "Put them on the plane" }).click();
  await expect(page.getByText(/lies more than an hour after the first/)).toBeVisible();
  await page.getByRole("combobox", { name: "Arrives", exact: true }).selectOption("");
  await page.getByRole("button", { name: "Put them on the plane" }).click();
  await expect(event(page, "2")).toBeVisible();
  await expect(event(page, "3")).toHaveCount(0);
  console.check();
});

test("Flink SQL: the leaderboard with teams as they were then, an error with its place, by keyboard", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/streams/flink/flink-sql");
  const result = page.getByRole("region", { name: "Result", exact: true });
  const stands = result.getByRole("table", { name: "As it stands" });
  // ada's team changed at 20 s: her laps before that stay with the old one.
  await expect(stands.getByRole("row")).toContainText(["team", "red", "blue", "blue", "green", "blue", "green", "blue"]);
  await expect(stands.getByRole("row").filter({ hasText: "red" })).toContainText("250");
  await expect(result).toContainText("Too late and dropped: 1 row");
  await page.getByRole("slider", { name: "Up to processing time" }).press("Home");
  await expect(stands.getByRole("row")).toHaveCount(1);

  await page.getByLabel("Begin with").selectOption({ label: "A total that takes back what it said" });
  const board = page.getByRole("region", { name: "Into board" });
  await expect(board.getByRole("table", { name: "As it stands" }).getByRole("row")).toHaveCount(4);
  await expect(board.getByRole("table", { name: "Changes" })).toContainText("-U");

  const script = page.getByLabel("Script");
  await script.focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("SELECT * FROM events MATCH_RECOGNIZE (PATTERN (A));");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("alert")).toContainText(/line 12, column \d+: MATCH_RECOGNIZE is not covered/);
  console.check();
});
