import { serveTasks } from "../decode/serve_tasks.ts";
import { VerifyRunner } from "./verify_runner.ts";
import type { VerifySetup } from "./verify_task.ts";

serveTasks((setup: VerifySetup) => VerifyRunner.create(setup));
