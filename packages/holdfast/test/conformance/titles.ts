/** The titles of the tests of a file, as they stand in its source. */
import { parseSync } from "oxc-parser";

/**
 * One text for each call of `test`. Of a template, the parts that are written out; what a loop around the call puts into it (`for (const [name] of [["test_a"], …])`) as one title
 * for each string there.
 */
export function titlesOf(source: string): string[] {
  const { program, errors } = parseSync("titles.ts", source);
  if (errors[0] !== undefined) throw new Error(`the file does not parse: ${errors[0].message}`);
  const titles: string[] = [];
  visit(program, []);
  return titles;

  /** @param inLoops the strings in what the loops around go through */
  function visit(node: unknown, inLoops: readonly string[]): void {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const child of node) visit(child, inLoops);
      return;
    }
    const { type, callee, arguments: passed } = node as Partial<Record<"type" | "callee" | "arguments", unknown>>;
    if (type === "CallExpression" && nameOf(callee) === "test" && Array.isArray(passed))
      titles.push(...titlesFrom(passed[0], inLoops));
    const around = type === "ForOfStatement" ? [...inLoops, ...stringsIn(Reflect.get(node, "right"))] : inLoops;
    for (const child of Object.values(node)) visit(child, around);
  }
}

function nameOf(node: unknown): unknown {
  return typeof node === "object" && node !== null ? Reflect.get(node, "name") : undefined;
}

function titlesFrom(node: unknown, inLoops: readonly string[]): string[] {
  if (typeof node !== "object" || node === null) return [];
  const { type, value, quasis } = node as { type?: unknown; value?: unknown; quasis?: unknown };
  if (type === "Literal") return [String(value)];
  if (type !== "TemplateLiteral" || !Array.isArray(quasis)) return [];
  const parts = quasis.map((quasi: { readonly value: { readonly cooked: string } }) => quasi.value.cooked);
  // Where one of the strings stands in the title is not looked up: in the first place.
  return [parts.join(" "), ...inLoops.map((text) => `${parts[0]}${text}${parts.slice(1).join(" ")}`)];
}

function stringsIn(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(stringsIn);
  const { type, value } = node as { type?: unknown; value?: unknown };
  if (type === "Literal") return typeof value === "string" ? [value] : [];
  return Object.values(node).flatMap(stringsIn);
}
