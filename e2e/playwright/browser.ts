/** Debian's Chromium, told to stay off the network and to run as root in a container. */
export const browser = {
  browserName: "chromium" as const,
  viewport: { width: 1440, height: 900 },
  launchOptions: {
    executablePath: process.env.SLUICE_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  },
};
