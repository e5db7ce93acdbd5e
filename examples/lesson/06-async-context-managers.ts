/** 6. A resource is closed on every path, and a failure to close it does not hide what went wrong before. */
import { sleep, taskGroup } from "holdfast";

class Database implements AsyncDisposable {
  readonly url: string;
  #isConnected = false;

  constructor(url: string) {
    this.url = url;
  }

  static async connect(url: string): Promise<Database> {
    console.log("Connecting...");
    await sleep(1_000);
    if (url.includes("invalid")) throw new Error("Invalid connection string");
    const database = new Database(url);
    database.#isConnected = true;
    console.log("Connected!");
    return database;
  }

  async query(sql: string): Promise<string> {
    if (!this.#isConnected) throw new Error("Not connected");
    await sleep(500);
    return `Results for: ${sql}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    console.log("Disconnecting...");
    await sleep(500);
    this.#isConnected = false;
    console.log("Disconnected!");
  }
}

export async function main(): Promise<void> {
  try {
    await taskGroup(async (group) => {
      const database = group.use(await Database.connect("db://localhost"));
      console.log(await database.query("SELECT * FROM users"));
    });
  } catch (error) {
    console.log(`Error: ${error instanceof Error ? error.message : String(error)}`);
  }
}
