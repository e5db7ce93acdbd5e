/** Orders in SQLite. What was accepted is on the disk before the client hears of it, so that a process that is killed ships it when it comes back. */
import { DatabaseSync } from "@photostructure/sqlite";

export interface Order {
  readonly id: number;
  readonly sku: string;
  readonly quantity: number;
  readonly price: number;
  readonly state: "accepted" | "shipped" | "dead";
}

type Database = InstanceType<typeof DatabaseSync>;
type Statement = ReturnType<Database["prepare"]>;

export class Orders implements Disposable {
  readonly #database: Database;
  readonly #insert: Statement;
  readonly #select: Statement;
  readonly #update: Statement;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS orders (
        id INTEGER PRIMARY KEY, sku TEXT NOT NULL, quantity INTEGER NOT NULL, price REAL NOT NULL,
        state TEXT NOT NULL DEFAULT 'accepted') STRICT`);
    this.#insert = this.#database.prepare("INSERT INTO orders (sku, quantity, price) VALUES (?, ?, ?)");
    this.#select = this.#database.prepare("SELECT id, sku, quantity, price, state FROM orders WHERE id = ?");
    this.#update = this.#database.prepare("UPDATE orders SET state = ? WHERE id = ?");
  }

  /** @returns its id */
  accept(sku: string, quantity: number, price: number): number {
    return Number(this.#insert.run(sku, quantity, price).lastInsertRowid);
  }

  find(id: number): Order | undefined {
    return this.#select.get(id);
  }

  mark(id: number, state: "shipped" | "dead"): void {
    this.#update.run(state, id);
  }

  /** Accepted, and neither shipped nor given up: by a process before this one. */
  pending(): number[] {
    return (
      this.#database
        .prepare("SELECT id FROM orders WHERE state = 'accepted' ORDER BY id")
        .all()
        // Holds: the column of the statement.
        .map((row: unknown) => Number((row as { readonly id: unknown }).id))
    );
  }

  counts(): Record<Order["state"], number> {
    const counts = { accepted: 0, shipped: 0, dead: 0 };
    const rows = this.#database.prepare("SELECT state, count(*) AS orders FROM orders GROUP BY state").all();
    // Holds: as in `find`.
    for (const { state, orders } of rows as unknown as readonly { state: Order["state"]; orders: number }[])
      counts[state] = orders;
    return counts;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
