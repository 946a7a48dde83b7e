import { assertEquals } from "@std/assert";
import { labelName } from "../../src/sink/label_name.ts";

Deno.test("labelName: as Python prints them", () => {
  // python3 -c 'print("%d" % int(x))' for the float32 of each
  assertEquals([0, -0, -1, 360231, 16777216, -16777218].map(labelName), [
    "0",
    "0",
    "-1",
    "360231",
    "16777216",
    "-16777218",
  ]);
  assertEquals(labelName(Math.fround(1e20)), "100000002004087734272");
  assertEquals(labelName(Math.fround(3.4028234663852886e38)), "340282346638528859811704183484516925440");
});
