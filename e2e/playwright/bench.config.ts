import { defineConfig } from "@playwright/test";
import { browser } from "./browser";

export default defineConfig({
  testDir: "bench",
  timeout: 900_000,
  workers: 1,
  retries: 0,
  outputDir: "test-results",
  use: { ...browser, baseURL: process.env.SLUICE_URL ?? "http://127.0.0.1:8080/" },
});
