/** Every page of the guide can be found from the README, and no link leads nowhere. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "../harness.ts";
import { anchorsOf, deadLinksOf, filesLinkedFrom, linksOf } from "./links.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

function pagesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !/(?:^|[\\/])(?:node_modules|dist|\.cache)[\\/]/u.test(name))
    .map((name) => join(root, folder, name));
}

const readme = join(root, "README.md");

test("every page of the guide is linked from the README, or from a page that is", () => {
  const linked = new Set(filesLinkedFrom(readme));
  const near = new Set([...linked, ...[...linked].filter((file) => file.endsWith(".md")).flatMap(filesLinkedFrom)]);
  const pages = pagesIn("docs/guide");
  expect(pages.length).toBeGreaterThan(20);
  expect(pages.filter((page) => !near.has(page)).map((page) => relative(root, page))).toEqual([]);
});

test("every page that is not one of a series is linked from the README itself", () => {
  const linked = new Set(filesLinkedFrom(readme));
  const pages = pagesIn("docs/guide").filter((page) => !page.includes(join("guide", "lesson", "")));
  expect(pages.filter((page) => !linked.has(page)).map((page) => relative(root, page))).toEqual([]);
});

test("no relative link of a page leads nowhere, nor to a heading that is not there", () => {
  const pages = [
    ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map((name) => join(root, name)),
    ...["docs", "examples", "bench", "packages"].flatMap(pagesIn),
  ];
  expect(pages.flatMap((page) => deadLinksOf(page, root))).toEqual([]);
});

describe("the check itself", () => {
  test("reads links, several in a line, and none in code", () => {
    const text = "[a](a.md) and [b](b.md#c)\n`[no](code.md)` ``[no](`.md)``\n```md\n[no](fence.md)\n```\n[`d`](d.md)\n";
    expect(linksOf(text)).toEqual([
      { line: 1, target: "a.md" },
      { line: 1, target: "b.md#c" },
      { line: 6, target: "d.md" },
    ]);
  });

  test("makes the anchors that GitHub makes", () => {
    const text = "# A `b`, c: d\n## [Linked](x.md) - it's\n## Same\n## Same\n```\n# no\n```\n### p-\\*, über_all\n";
    expect([...anchorsOf(text)]).toEqual(["a-b-c-d", "linked---its", "same", "same-1", "p--über_all"]);
  });

  test("names what leads nowhere, with its place", () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-links-"));
    try {
      writeFileSync(join(folder, "other.md"), "# Here\n");
      writeFileSync(
        join(folder, "page.md"),
        "# Page\n[ok](other.md#here) [ok](#page) [ok](https://example.org/x)\n[a](gone.md)\n[b](other.md#gone)\n[c](../x.md)\n[d](.#e)\n",
      );
      expect(deadLinksOf(join(folder, "page.md"), folder)).toEqual([
        "page.md:3 links to gone.md, which is not there",
        "page.md:4 links to other.md#gone, where no heading is called so",
        "page.md:5 links to ../x.md, outside of the repository",
        "page.md:6 links to .#e, where nothing has a heading",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
