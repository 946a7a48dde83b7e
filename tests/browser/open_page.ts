/**
 * Opens a page in headless Chromium, evaluates an expression there, and prints what it gives as a line of JSON. Complaints
 * of the page go to the standard error.
 *
 *     deno run -A --no-config --no-lock tests/browser/open_page.ts CHROMIUM URL EXPRESSION
 *
 * It is a process of its own, so that playwright-core stays out of `deno.json` and the lock file: Deno downloads all npm
 * packages of a lock file as soon as a program uses one of them. Without arguments it only looks whether playwright-core
 * can be had.
 */

/** Not a literal where it is imported: a type check would download that. */
const PLAYWRIGHT: string = "npm:playwright-core@1.65.1";

/** What is used of it. */
interface Playwright {
  chromium: { launch(options: { executablePath: string }): Promise<Browser> };
}

interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Page {
  on(event: "pageerror", listener: (error: Error) => void): void;
  on(event: "console", listener: (message: { text(): string }) => void): void;
  goto(url: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
}

const { chromium }: Playwright = await import(PLAYWRIGHT);
const [executablePath, url, expression] = Deno.args;
if (executablePath !== undefined) {
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(error.stack ?? error.message));
    page.on("console", (message) => console.error(message.text()));
    await page.goto(url);
    console.log(JSON.stringify(await page.evaluate(expression)));
  } finally {
    await browser.close();
  }
}
