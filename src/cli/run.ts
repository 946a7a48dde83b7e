import deno from "../../deno.json" with { type: "json" };
import { UnrecError } from "../errors.ts";
import { helpText } from "./help.ts";
import { complain, print } from "./output.ts";
import { parseOptions } from "./options.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Runs a command line.
 *
 * @param args The arguments, without the program.
 * @returns The exit code.
 */
export async function run(args: string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    switch (options.command) {
      case "help":
        return print(helpText(options.of));
      case "version":
        return print(`unrec ${deno.version}`);
      case "decode": {
        // Loaded only now, so that help and usage errors come at once.
        const { decodeCommand } = await import("./decode_command.ts");
        return await decodeCommand(options);
      }
      case "index": {
        const { indexCommand } = await import("./index_command.ts");
        return await indexCommand(options);
      }
      case "verify": {
        const { verifyCommand } = await import("./verify_command.ts");
        return await verifyCommand(options);
      }
    }
  } catch (error) {
    if (error instanceof UsageError) {
      complain(`${error.message}; --help shows how it is used`);
      return 2;
    }
    const message = error instanceof Error ? error.message : String(error);
    complain(error instanceof UnrecError ? message : `Internal error, please report it: ${message}`);
    return 1;
  }
}
