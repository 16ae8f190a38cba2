import { expect, type Locator, type Page } from "@playwright/test";
import { tabTo } from "./keys";

/** One person's way through the page: by mouse, or by keyboard alone. The same test runs with either. */
export interface Hands {
  readonly name: string;
  press(target: Locator): Promise<void>;
  write(field: Locator, text: string): Promise<void>;
  choose(select: Locator, label: string): Promise<void>;
  pick(radio: Locator): Promise<void>;
  tick(box: Locator): Promise<void>;
  upload(page: Page, button: Locator, file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void>;
}

export const mouse = (page: Page): Hands => ({
  name: "mouse",
  press: (target) => target.click(),
  write: (field, text) => field.fill(text),
  choose: async (select, label) => void (await select.selectOption({ label })),
  pick: (radio) => radio.click(),
  tick: (box) => box.click(),
  upload: async (page, button, file) => {
    const chooser = page.waitForEvent("filechooser");
    await button.click();
    await (await chooser).setFiles(file);
  },
});

export const keyboard = (page: Page): Hands => ({
  name: "keyboard",
  press: async (target) => {
    await tabTo(page, target, 140);
    await page.keyboard.press("Enter");
  },
  write: async (field, text) => {
    await tabTo(page, field, 140);
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.insertText(text);
    // Fields that answer when they are left.
    if ((await field.evaluate((element) => element.tagName)) === "INPUT") await page.keyboard.press("Tab");
  },
  choose: async (select, label) => {
    await tabTo(page, select, 140);
    // A closed select takes the first letters of an option.
    await page.keyboard.type(label);
  },
  pick: async (radio) => {
    // A group of radios is one stop: Tab reaches the chosen one, the arrows go on from there.
    const name = await radio.getAttribute("name");
    for (let press = 0; press < 140; press++) {
      if (await page.evaluate(([name]) => (document.activeElement as HTMLInputElement | null)?.name === name, [name])) break;
      await page.keyboard.press("Tab");
    }
    await expect.poll(async () => {
      if (await radio.isChecked()) return true;
      await page.keyboard.press("ArrowDown");
      return radio.isChecked();
    }).toBe(true);
  },
  tick: async (box) => {
    await tabTo(page, box, 140);
    await page.keyboard.press("Space");
  },
  upload: async (page, button, file) => {
    const chooser = page.waitForEvent("filechooser");
    await tabTo(page, button, 140);
    await page.keyboard.press("Enter");
    await (await chooser).setFiles(file);
  },
});
