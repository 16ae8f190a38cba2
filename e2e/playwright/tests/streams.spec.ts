import { expect, test, type Page } from "@playwright/test";
import { keyboard, mouse } from "../hands";
import { call, md5, open, watch } from "../support";

/** The time bar's slider, in seconds. */
const at = async (page: Page) => Number(await page.getByRole("slider", { name: "Time" }).getAttribute("aria-valuenow"));
const shard = (page: Page, number: number) => page.getByRole("group", { name: "Shards on the hash line" }).getByRole("button", { name: new RegExp(`^Shard ${number}:`) });
const settings = (page: Page) => page.getByRole("region", { name: "Settings" });

async function scene(page: Page, id: string, query = ""): Promise<void> {
  await open(page, `./${query}#/streams/scenes/${id}`);
  await expect(page.getByRole("slider", { name: "Time" })).toBeVisible();
  await expect(shard(page, 0)).toBeVisible();
}

/** Records a second that a shard refuses, by what its segment says. */
async function refusals(page: Page, number: number): Promise<number> {
  const name = (await shard(page, number).getAttribute("aria-label")) ?? "";
  return Number((/refuses ([\d,]+)/.exec(name)?.[1] ?? "0").replaceAll(",", ""));
}

for (const [name, with_hands] of [["mouse", mouse], ["keyboard", keyboard]] as const)
  test(`a hot shard: foreseen, seen, asked why, split in vain, cured by a salt, by ${name}`, async ({ page }) => {
    const console = watch(page);
    const hands = with_hands(page);
    await scene(page, "hot-shard");
    // Paused on load, before the producer's first second.
    expect(await at(page)).toBe(12);
    await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
    await hands.press(page.getByRole("group", { name: "Which shard will throttle first?" }).getByRole("button", { name: "2" }));

    await hands.press(page.getByRole("button", { name: "Play", exact: true }));
    await expect.poll(() => at(page)).toBeGreaterThan(16);
    await hands.press(page.getByRole("button", { name: "Pause" }));
    await expect(page.getByText(/You said shard 2: right\. Shard 2 throttled first/)).toBeVisible();
    await expect.poll(() => refusals(page, 2)).toBeGreaterThan(100);
    expect(await refusals(page, 1)).toBe(0);

    await hands.press(shard(page, 2));
    await expect(page.getByRole("heading", { name: "Shard 2, last second" })).toBeVisible();
    await hands.press(page.getByRole("button", { name: "Why was this throttled?" }));
    const why = page.getByRole("list", { name: "Why" });
    await expect(why).toContainText("it takes 1000 records a second");
    await expect(why).toContainText("vehicle-0031");
    await expect(why).toContainText(md5("vehicle-0031"));

    // The key's own hash, beside what core says of it.
    await hands.write(page.getByLabel("Where does a key of mine fall?"), "vehicle-0031");
    await hands.press(page.getByRole("button", { name: "Hash it" }));
    await expect(page.getByRole("heading", { name: "Key “vehicle-0031”" })).toBeVisible();
    await expect(settings(page).getByText(md5("vehicle-0031")).first()).toBeVisible();
    await expect(settings(page).getByText("shardId-000000000002", { exact: true })).toBeVisible();

    // A split is answered by a run of its own.
    await hands.press(page.getByRole("group", { name: "Will a split help?" }).getByRole("button", { name: "No" }));
    await expect(page.getByText(/You said no: right\..*the load is one key’s/)).toBeVisible();

    await hands.press(page.getByRole("button", { name: "Split shard 2 in the middle" }));
    await expect(page.getByText(/SplitShard/).first()).toBeVisible();
    for (let press = 0; press < 10; press++) await page.getByRole("slider", { name: "Time" }).press("ArrowRight");
    await expect(shard(page, 2)).toHaveCount(0);
    await expect.poll(async () => (await refusals(page, 4)) + (await refusals(page, 5))).toBeGreaterThan(100);

    await hands.press(page.getByRole("button", { name: "Add a random suffix to the key" }));
    for (let press = 0; press < 10; press++) await page.getByRole("slider", { name: "Time" }).press("ArrowRight");
    await expect.poll(async () => (await refusals(page, 4)) + (await refusals(page, 5))).toBe(0);
    await expect(page.locator("figcaption")).toContainText("no shard refuses records");
    console.check();
  });

test("a reshard: a point by keys and by mouse, parent and children, a merge", async ({ page }) => {
  const console = watch(page);
  await scene(page, "hot-shard", "?at=30");
  await shard(page, 1).click();
  await page.getByRole("button", { name: "Split shard…" }).click();
  const mark = page.getByRole("slider", { name: "Where to split" });
  await expect(mark).toHaveAttribute("aria-valuenow", "37.5");
  await mark.press("PageUp");
  await expect(mark).toHaveAttribute("aria-valuenow", "38.5");
  // Dragged to three tenths of the line, which is a fifth of shard 1.
  const line = (await page.getByRole("group", { name: "Shards on the hash line" }).boundingBox())!;
  const box = (await mark.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(line.x + line.width * 0.3, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => Number(await page.getByLabel("% of its range").inputValue())).toBeGreaterThan(18);
  await page.getByLabel("% of its range").fill("60");
  await page.getByLabel("% of its range").press("Tab");
  await expect(mark).toHaveAttribute("aria-valuenow", "40.0");
  await page.getByRole("button", { name: "Split here" }).click();
  await expect(mark).toHaveCount(0);
  await page.getByRole("slider", { name: "Time" }).press("PageUp");
  const tree = page.getByRole("img", { name: /Shards through time/ });
  await expect(tree).toHaveAccessibleName(/shard 1 closed; .*shard 4 open, child of 1; shard 5 open, child of 1/);
  await expect(tree.locator("text", { hasText: /readable 23:5/ })).toBeVisible();

  await page.getByRole("button", { name: "Show as table" }).click();
  const rows = page.getByRole("region", { name: "Data of the figure" }).getByRole("row");
  await expect(rows.filter({ hasText: "CLOSED" })).toHaveCount(1);
  await expect(rows.filter({ has: page.getByRole("rowheader", { name: "5" }) })).toContainText("40.00");
  await page.getByRole("button", { name: "Show as table" }).click();

  await page.getByRole("button", { name: "Merge…" }).click();
  await page.getByLabel("Neighbours on the hash line").selectOption({ label: "shard 4 and shard 5" });
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("slider", { name: "Time" }).press("PageUp");
  await expect(tree).toHaveAccessibleName(/shard 6 open, child of 4 and 5/);
  console.check();
});

test("the time bar: scrub, step, moments, speed, fork and back, the link", async ({ page }) => {
  const console = watch(page);
  await scene(page, "hot-shard", "?at=30");
  const slider = page.getByRole("slider", { name: "Time" });
  const frame = (await slider.boundingBox())!;
  await page.mouse.click(frame.x + frame.width / 2, frame.y + 24);
  await expect.poll(() => at(page)).toBeGreaterThan(295);
  expect(await at(page)).toBeLessThan(305);
  await slider.press("Home");
  await expect.poll(() => at(page)).toBe(0);
  await page.getByRole("heading", { name: "A hot shard and its cure" }).click();
  // Moments come in their order, and back again.
  await page.keyboard.press("n");
  await expect.poll(() => at(page)).toBeGreaterThan(0);
  const first = await at(page);
  await page.keyboard.press("n");
  await expect.poll(() => at(page)).toBeGreaterThan(first);
  await page.keyboard.press("Shift+N");
  await expect.poll(() => at(page)).toBe(first);
  await page.keyboard.press("]");
  await expect(page.getByLabel("Speed")).toHaveValue("2");
  await page.keyboard.press("[");
  await expect(page.getByLabel("Speed")).toHaveValue("1");

  for (let press = 0; press < 4; press++) await slider.press("PageUp");
  await expect.poll(() => at(page)).toBeGreaterThan(240);
  await page.getByRole("heading", { name: "A hot shard and its cure" }).click();
  const before = await slider.getAttribute("aria-valuetext");
  await page.keyboard.press(".");
  await expect.poll(() => slider.getAttribute("aria-valuetext")).not.toBe(before);

  // A call here, then a change in its past: the later call is kept aside and comes back.
  const calls = page.locator(".done-calls li");
  await page.getByRole("button", { name: "Twice the shards" }).click();
  await expect(calls).toHaveText([/UpdateShardCount/]);
  await slider.press("PageDown");
  await page.getByRole("button", { name: "Add a random suffix to the key" }).click();
  await expect(calls).toHaveText([/UpdateProducer/]);
  await expect(page.getByText("Forked here: 1 call is kept aside.")).toBeVisible();
  await page.getByRole("button", { name: "Bring it back" }).click();
  await expect(calls).toHaveText([/UpdateShardCount/]);

  // The address is the instant: what it opens says the same.
  const caption = await page.locator("figcaption").textContent();
  await expect.poll(() => page.url()).toContain("UpdateShardCount");
  await page.reload();
  await expect(calls).toHaveText([/UpdateShardCount/]);
  await expect(page.locator("figcaption")).toHaveText(caption!);
  console.check();
});

test("two runs on one seed beside each other", async ({ page }) => {
  await scene(page, "hot-shard", "?at=30");
  await page.getByLabel("Compare on the same seed with").selectOption({ label: "Add a random suffix to the key" });
  const beside = page.getByRole("region", { name: "Comparison" });
  await expect(beside).toBeVisible();
  await page.getByRole("slider", { name: "Time" }).press("PageUp");
  const refused = beside.getByRole("row").filter({ hasText: "records/s refused" }).getByRole("cell");
  await expect(refused.last()).toHaveText("0");
  await expect(refused.first()).not.toHaveText("0");
});

test("a stream of the account: made, put to, its key found, by keyboard", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/streams");
  await page.getByRole("button", { name: "Create stream" }).first().press("Enter");
  await page.keyboard.type("telemetry");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "telemetry" })).toBeVisible();
  await page.getByRole("button", { name: "+1 min" }).press("Enter");
  await expect(shard(page, 1)).toBeVisible();
  await page.getByRole("button", { name: "Put records…" }).press("Enter");
  await page.getByRole("button", { name: "Put 2" }).press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await shard(page, 1).press("Enter");
  await expect(page.getByRole("heading", { name: "Shard 1, last second" })).toBeVisible();
  const { Records } = await call(page, "kinesis", "GetRecords", await iterator(page));
  expect(Records.map((record: any) => [record.PartitionKey, Buffer.from(record.Data, "base64").toString()])).toContainEqual(["vehicle-0031", '{"speed": 57}']);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete stream" }).click();
  await expect(page.getByRole("heading", { name: "Streams", exact: true })).toBeVisible();
  console.check();
});

async function iterator(page: Page): Promise<unknown> {
  return call(page, "kinesis", "GetShardIterator", { StreamName: "telemetry", ShardId: "shardId-000000000001", ShardIteratorType: "TRIM_HORIZON" });
}

test("Firehose in a scene: flushed by time, by size after a change, and the alarm comes to OK", async ({ page }) => {
  const console = watch(page);
  await scene(page, "firehose", "?at=400");
  await expect(page.getByText("IN ALARM")).toBeVisible();
  await expect(page.getByRole("img", { name: /^The buffer holds .* flushes by time/ })).toBeVisible();
  await page.getByRole("button", { name: "Nineteen times the records" }).click();
  await expect(page.locator(".done-calls li")).toHaveText([/UpdateProducer/]);
  for (let press = 0; press < 3; press++) await page.getByRole("slider", { name: "Time" }).press("PageUp");
  await expect(page.locator(".objects").getByText(/by size/).first()).toBeVisible();
  await expect(page.locator(".alarm-state")).toHaveText("OK");
  await page.getByRole("button", { name: "Why did the alarm change?" }).click();
  await expect(page.getByRole("list", { name: "Why" })).toContainText("Alarm lowerlimit went to OK");
  await page.getByRole("button", { name: "Describe" }).click();
  await expect(page.locator(".figure-words")).toContainText(/Firehose stream to-s3: Taken [\d,]+ = delivered/);
  console.check();
});

test("a file of a bucket replayed as a stream, and a producer that is read back", async ({ page }) => {
  const console = watch(page);
  await open(page, "./#/streams");
  const rows = Array.from({ length: 50 }, (_, index) => `${index},player-${index % 7},"2026-01-01 00:00:${String(index).padStart(2, "0")}"`);
  await call(page, "s3", "CreateBucket", { Bucket: "telemetry-files" });
  await call(page, "s3", "PutObject", { Bucket: "telemetry-files", Key: "laps.csv", Body: Buffer.from(`lap,player,at\n${rows.join("\n")}\n`).toString("base64") });
  await call(page, "kinesis", "CreateStream", { StreamName: "telemetry", ShardCount: 2 });
  await page.getByRole("link", { name: "telemetry" }).click();
  await page.getByRole("button", { name: "+1 min" }).click();
  await expect(shard(page, 1)).toBeVisible();
  await page.getByRole("button", { name: "Producer…" }).click();
  await page.getByLabel("It sends").selectOption("file");
  await page.getByLabel("File: bucket/key").fill("telemetry-files/laps.csv");
  await page.getByLabel("File: bucket/key").press("Tab");
  await expect(page.getByText("50 rows, 50 different keys.")).toBeVisible();
  await page.getByLabel("Partition key").selectOption("player");
  await expect(page.getByText("50 rows, 7 different keys.")).toBeVisible();
  await page.getByLabel("Times").selectOption("at");
  await page.getByRole("button", { name: "Replay" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("button", { name: "+1 min" }).click();
  const accepted = async () => (await call(page, "sluice", "GetStreamTraffic", { StreamName: "telemetry" })).Producers[0].Accepted;
  await expect.poll(accepted).toBe(50);
  // A new producer with another library; opened again, the form has what it has.
  await page.getByRole("button", { name: "Producer…" }).click();
  const producer = page.getByRole("dialog").getByLabel("Producer");
  await expect(page.getByText("It replays 50 rows of a file.")).toBeVisible();
  await producer.selectOption({ label: "a new one" });
  await page.getByRole("dialog").getByRole("combobox", { name: /^Keys/ }).selectOption("zipf");
  await page.getByLabel("It puts with").selectOption("kpl");
  await page.getByText("Its records and keys").click();
  await page.getByLabel("Keys begin with").fill("car-");
  await page.getByLabel("Data, by a template").fill('{"car": "{{key}}", "speed": {{number 50 90}}}');
  await page.getByRole("button", { name: "From now on" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByText("KPL 1.0.7").first()).toBeVisible();
  expect((await call(page, "sluice", "ListProducers", {})).Producers.at(-1)).toMatchObject({ Keys: { Prefix: "car-" }, Template: '{"car": "{{key}}", "speed": {{number 50 90}}}' });
  await page.getByRole("button", { name: "Producer…" }).click();
  await producer.selectOption({ label: "producer-2, which runs" });
  await expect(page.getByLabel("It puts with")).toHaveValue("kpl");
  await expect(page.getByRole("dialog").getByRole("combobox", { name: /^Keys/ })).toHaveValue("zipf");
  await page.getByText("Its records and keys").click();
  await expect(page.getByLabel("Keys begin with")).toHaveValue("car-");
  console.check();
});

test("each scene asks for a guess, and any event can be asked about", async ({ page }) => {
  const console = watch(page);
  await scene(page, "consumers", "?at=60");
  const behind = page.getByRole("group", { name: "Which application will be furthest behind in two minutes?" });
  const hands = keyboard(page);
  await hands.press(behind.getByRole("button", { name: "archive" }));
  await expect(page.locator(".score")).toContainText(/At 0?1:00.* you said archive: (right|not so, \w+)\..*archive is [\d.]+ s behind/i);
  // A read that was refused: who used up what the shard gives.
  const events = page.getByRole("combobox", { name: "What happened" });
  const refused = await events.locator("option").filter({ hasText: "refused a read" }).first().getAttribute("value");
  await events.selectOption(refused!);
  await hands.press(page.getByRole("button", { name: "Why was this read refused?" }));
  await expect(page.getByRole("list", { name: "Why" })).toContainText(/In the second before, it answered .*(archive|search|dashboards) \d+ reads? with/);
  await page.getByRole("button", { name: "Table" }).click();
  await expect(page.getByRole("columnheader", { name: "Seconds behind" })).toBeVisible();

  await scene(page, "firehose", "?at=400");
  await page.getByRole("group", { name: "What will close the next buffer?" }).getByRole("button", { name: "its size" }).click();
  await expect(page.locator(".score")).toContainText(/you said its size: not so, its time\. [\d.]+ s from here [\d,]+ records became an object/i);
  await page.getByRole("combobox", { name: "Compare on the same seed with" }).selectOption({ label: "Flush every 15 seconds" });
  for (let press = 0; press < 12; press++) await page.getByRole("slider", { name: "Time" }).press("ArrowRight");
  await page.getByRole("slider", { name: "Time" }).press("PageUp");
  await expect(page.getByRole("row", { name: /objects stored ≠/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /alarm lowerlimit/ })).toBeVisible();
  await page.getByRole("button", { name: "Table" }).click();
  await expect(page.getByRole("columnheader", { name: "Closed by" })).toBeVisible();

  await scene(page, "streams-or-firehose", "?at=120");
  await page.getByRole("group", { name: "A record comes now. When is it in the bucket?" }).getByRole("button", { name: "within a second" }).click();
  await expect(page.locator(".score")).toContainText(/not so, within a minute\. The next object is there \d+ s from here; dashboards on the stream is [\d.]+ s behind/i);
  console.check();
});
