/**
 * A `ts` fence of a Markdown page, and the program that it stands for.
 *
 *   value; // => 42                    asserts that `value` equals 42
 *   const sum = await add(); // => 3   asserts that `sum` equals 3
 *   console.log(sum); // => 3          asserts that what is logged equals 3
 *
 * The statement may span lines; the comment follows its end. To the right of `=>` stands a JavaScript expression.
 */
import { parseSync } from "oxc-parser";

export interface Fence {
  readonly page: string;
  /** Of the opening line, from 1. */
  readonly line: number;
  readonly code: string;
  /** `ts no-run`: compiled only. */
  readonly isRun: boolean;
}

const opening = /^(?<indent> *)```ts(?<flag> no-run)?$/u;

/** @throws {Error} when a fence is not closed, or has a flag other than `no-run`. */
export function fencesOf(page: string, text: string): Fence[] {
  const fences: Fence[] = [];
  let open: { line: number; indent: string; isRun: boolean; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (open === undefined) {
      const match = opening.exec(line);
      if (match !== null) {
        open = {
          line: index + 1,
          indent: match.groups?.["indent"] ?? "",
          isRun: match.groups?.["flag"] === undefined,
          lines: [],
        };
      } else if (/^ *```ts\b/u.test(line)) {
        throw new Error(
          `${page}:${index + 1} opens a fence with ${JSON.stringify(line.trim())}; write "ts" or "ts no-run"`,
        );
      }
    } else if (line.trim() === "```") {
      fences.push({ page, line: open.line, code: `${open.lines.join("\n")}\n`, isRun: open.isRun });
      open = undefined;
    } else {
      open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
  }
  if (open !== undefined) throw new Error(`the fence of ${page}:${open.line} is not closed`);
  return fences;
}

/** The fence's code, with each `// =>` turned into a call of `check(actual, expected, line)`. */
export function withAssertions(fence: Fence): string {
  const { program, comments, errors } = parseSync("fence.ts", fence.code);
  if (errors[0] !== undefined) throw new Error(`${fence.page}:${fence.line} does not parse: ${errors[0].message}`);
  let code = fence.code;
  // From the last to the first, so that the positions of those before stay true.
  for (const comment of comments.toReversed()) {
    const expected =
      comment.type === "Line" ? /^ ?=> (?<value>.+)$/u.exec(comment.value)?.groups?.["value"] : undefined;
    if (expected === undefined) continue;
    const line = fence.line + code.slice(0, comment.start).split("\n").length;
    const statement = statementBefore(program, code, comment.start);
    if (statement === undefined) throw new Error(`${fence.page}:${line}: nothing to assert before "// => ${expected}"`);
    const { start, end, subject } = statement;
    const check = `check((${subject}), (${expected}), ${line});`;
    // A declaration stays, and its name is checked; an expression is evaluated once, as the argument.
    code = `${code.slice(0, start)}${statement.keeps ? `${code.slice(start, end)} ` : ""}${check}\n${code.slice(comment.end)}`;
  }
  return code;
}

interface Statement {
  readonly start: number;
  readonly end: number;
  readonly subject: string;
  readonly keeps: boolean;
}

/** The innermost statement that ends where only blanks separate it from `position`. */
function statementBefore(root: unknown, code: string, position: number): Statement | undefined {
  let found: Statement | undefined;
  visit(root);
  return found;

  function visit(node: unknown): void {
    if (Array.isArray(node)) return node.forEach(visit);
    if (!isNode(node)) return;
    if (node.end <= position && code.slice(node.end, position).trim() === "") found = asStatement(node, code) ?? found;
    Object.values(node).forEach(visit);
  }
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value && "end" in value;
}

function asStatement(node: Node, code: string): Statement | undefined {
  const { start, end } = node;
  if (node.type === "ExpressionStatement" && isNode(node["expression"])) {
    const expression = node["expression"];
    const text = code.slice(expression.start, expression.end);
    const logged = /^console\.log\((?<value>[^]*)\)$/u.exec(text)?.groups?.["value"];
    return { start, end, subject: logged ?? text, keeps: false };
  }
  if (node.type === "VariableDeclaration" && Array.isArray(node["declarations"])) {
    const target: unknown = Reflect.get(Object(node["declarations"].at(-1)), "id");
    if (isNode(target) && typeof target["name"] === "string")
      return { start, end, subject: target["name"], keeps: true };
  }
  return undefined;
}
