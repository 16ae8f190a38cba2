import { expect, test } from "@playwright/test";
import { enter, tabTo, type } from "../keys";
import { BUCKET, card, key, schema, ticked } from "../lab";
import { DROPPED, KEPT, sample } from "../parking";
import { compare } from "../reader";
import { open, watch } from "../support";

const CSV = sample(20_000);

test("the lab by keyboard alone", async ({ page }, info) => {
  const console = watch(page);
  const keys = page.keyboard;
  await open(page);

  await test.step("begin", async () => {
    await enter(page, page.getByRole("link", { name: "Start with a lab" }));
    await enter(page, page.getByRole("link", { name: "Begin in the account" }));
  });

  await test.step("a bucket and a folder", async () => {
    await enter(page, page.getByRole("button", { name: "Create a bucket" }));
    await expect(page.getByLabel("Bucket name")).toBeFocused();
    await keys.type(BUCKET);
    await keys.press("Enter");
    await enter(page, page.getByRole("button", { name: "Create a folder" }));
    await expect(page.getByLabel("Folder name")).toBeFocused();
    await keys.type("parking_data");
    await keys.press("Enter");
    await ticked(page, 1, "Make a bucket and a folder");
  });

  await test.step("upload", async () => {
    await enter(page, page.getByRole("link", { name: "parking_data/" }));
    const chooser = page.waitForEvent("filechooser");
    await enter(page, page.getByRole("button", { name: "Upload", exact: true }));
    await (await chooser).setFiles(CSV);
    await ticked(page, 2, "Upload the tickets");
  });

  await test.step("crawl", async () => {
    await keys.press("Alt+2");
    await enter(page, page.getByRole("main").getByRole("link", { name: "Create crawler" }).first());
    await type(page, page.getByLabel("Name", { exact: true }), "parking");
    await type(page, page.getByLabel("S3 path"), `s3://${BUCKET}/parking_data/`);
    await type(page, page.getByLabel("Database"), "parking");
    await keys.press("Enter");
    await enter(page, page.getByRole("main").getByRole("button", { name: /^Run/ }));
    await ticked(page, 3, "Crawl it into the catalog");
    await enter(page, page.getByRole("main").getByRole("link", { name: "parking_data", exact: true }));
    expect(await schema(page)).toHaveLength(11);
  });

  await test.step("draw the job", async () => {
    await keys.press("Alt+3");
    await enter(page, page.getByRole("button", { name: "Create a visual job" }));
    await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
    await keys.type("Parking");
    await keys.press("Enter");

    await tabTo(page, page.locator("#etl-canvas"));
    const add = async (text: string) => {
      await keys.press("/");
      await expect(page.getByRole("dialog").getByRole("combobox")).toBeFocused();
      await keys.type(text);
      await keys.press("Enter");
    };
    await add("Amazon S3");
    await expect(card(page, "source")).toBeFocused();
    await keys.press("Enter");
    await type(page, page.getByLabel("S3 URL"), `s3://${BUCKET}/${key(CSV)}`);
    await keys.press("Escape");
    await expect(card(page, "source")).toBeFocused();

    await add("Drop Fields");
    await expect(card(page, "transform")).toBeFocused();
    await expect(page.locator("g[data-edge]")).toHaveCount(1);
    await keys.press("Enter");
    for (const name of DROPPED) {
      const box = page.getByRole("checkbox", { name: new RegExp(`^${name}\\b`) });
      await tabTo(page, box);
      await keys.press("Space");
      await expect(box).toBeChecked();
    }
    await keys.press("Escape");
    await expect(card(page, "transform")).toBeFocused();

    await add("target");
    await expect(card(page, "target")).toBeFocused();
    await expect(page.locator("g[data-edge]")).toHaveCount(2);
    await keys.press("Enter");
    await type(page, page.getByLabel("S3 target location"), `s3://${BUCKET}/parking_data/`);
    await tabTo(page, page.getByRole("radio", { name: "Do not update the Data Catalog" }));
    await keys.press("ArrowDown");
    await expect(page.getByRole("radio", { name: /update the schema and add new partitions/ })).toBeChecked();
    await type(page, page.getByRole("combobox", { name: "Database", exact: true }), "parking");
    await type(page, page.getByRole("combobox", { name: "Table name", exact: true }), "results");
    await keys.press("Control+s");
    await ticked(page, 4, "Draw the job");
  });

  await test.step("run", async () => {
    await keys.press("Control+Enter");
    await expect(page.getByRole("region", { name: "Run", exact: true })).toContainText("Succeeded");
    await ticked(page, 6, "Look at what came out");
  });

  await test.step("look at the table and the file", async () => {
    await enter(page, page.getByRole("link", { name: "Table parking.results" }));
    await expect(page.getByRole("heading", { name: "results", exact: true })).toBeVisible();
    expect(await schema(page)).toEqual(KEPT.map((name) => [name, "string"]));
    await keys.press("Alt+1");
    await enter(page, page.getByRole("link", { name: BUCKET }));
    await enter(page, page.getByRole("link", { name: "parking_data/" }));
    await enter(page, page.getByRole("main").getByRole("link", { name: /\.parquet$/ }));
    const download = page.waitForEvent("download");
    await enter(page, page.getByRole("link", { name: "Download" }));
    const parquet = info.outputPath("results.parquet");
    await (await download).saveAs(parquet);
    expect(compare(CSV, parquet, KEPT).all_strings).toBe(true);
  });
  console.check();
});
