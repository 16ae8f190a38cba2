import { defineConfig } from "@playwright/test";
import { browser } from "./browser";

export default defineConfig({
  testDir: "tests",
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // Two cores: one browser at a time keeps timings honest.
  workers: 1,
  retries: 0,
  outputDir: "test-results",
  use: { ...browser, baseURL: process.env.SLUICE_URL ?? "http://127.0.0.1:8080/", screenshot: "only-on-failure", trace: "off" },
});
