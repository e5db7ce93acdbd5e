import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig({
  files: ["**/*.ts"],
  languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
  plugins: { "@typescript-eslint": tseslint.plugin },
  rules: {
    "@typescript-eslint/no-floating-promises": "error",
    "@typescript-eslint/no-misused-promises": "error",
    "@typescript-eslint/await-thenable": "error",
    "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
    "@typescript-eslint/only-throw-error": "error",
    "@typescript-eslint/prefer-promise-reject-errors": "error",
    "@typescript-eslint/use-unknown-in-catch-callback-variable": "error",
    "no-async-promise-executor": "error",
    "no-unsafe-finally": "error",
    "no-empty": "error",
    "preserve-caught-error": "error",
    "no-restricted-properties": [
      "error",
      { object: "Promise", property: "all", message: "its siblings run on after a failure; use all() or taskGroup()" },
      { object: "Promise", property: "race", message: "its losers run on; use race() or timeout()" },
      { object: "process", property: "exit", message: "it skips every cleanup; return from runMain()" },
    ],
  },
});
