/** `holdfast top` of programs on the other Nodes that it is for, where they have been installed. */
import { newerNodes } from "../inspect/target.ts";
import { placeForTests, testOn } from "./watched-program.ts";

const place = placeForTests();

for (const node of newerNodes) testOn(node, place);
