import { basename } from "node:path";
import { expect, type Locator, type Page } from "@playwright/test";

export const LAB = "ingest-csv-with-glue";
export const BUCKET = "parking-tickets-2022";

/** The step of the lab's panel with this title, once it says that it is done. */
export async function ticked(page: Page, done: number, title: string): Promise<void> {
  const panel = page.getByRole("complementary", { name: "Lab", exact: true });
  await expect(panel.getByRole("button", { name: new RegExp(`${title} ?, done$`) })).toBeVisible();
  await expect(panel.getByRole("progressbar", { name: "Steps done" })).toHaveAttribute("aria-valuenow", String(done));
}

/** The cards of a kind on the canvas. */
export const card = (page: Page, kind: "source" | "transform" | "target"): Locator => page.locator(`#etl-canvas .node.${kind}`);

/** Presses, moves and lets go, as a hand does. */
export async function drag(page: Page, from: Locator, to: { x: number; y: number }): Promise<void> {
  const box = (await from.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 30 });
  await page.mouse.up();
}

/** From the middle of one element to the middle of another. */
export async function wire(page: Page, from: Locator, to: Locator): Promise<void> {
  const box = (await to.boundingBox())!;
  await drag(page, from, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
}

/** Drags a palette entry to a place on the canvas, counted from its corner. */
export async function place(page: Page, entry: string, x: number, y: number): Promise<void> {
  const canvas = (await page.locator("#etl-canvas").boundingBox())!;
  await drag(page, page.locator(`[data-entry="${entry}"]`), { x: canvas.x + x, y: canvas.y + y });
}

/** Rows of the catalog table that is open, as [column, type]. */
export async function schema(page: Page): Promise<string[][]> {
  const rows = page.getByRole("table", { name: "Schema" }).locator("tbody tr");
  await expect(rows.first()).toBeVisible();
  return rows.evaluateAll((rows) => rows.map((row) => [row.cells[1].textContent ?? "", row.cells[2].textContent ?? ""]));
}

/** Where the lab puts the file in its bucket. */
export const key = (csv: string): string => `parking_data/${basename(csv)}`;
