import { expect, type Locator, type Page } from "@playwright/test";

/** Presses Tab until the element has the focus; fails when it is not reached, as it then cannot be used without a mouse. */
export async function tabTo(page: Page, target: Locator, presses = 80): Promise<void> {
  await expect(target).toBeVisible();
  for (let press = 0; press <= presses; press++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${target} is not reached by ${presses} presses of Tab`);
}

/** Tab to the element, then Enter. */
export async function enter(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

/** Tab to the field, then type into it. */
export async function type(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.type(text);
}
