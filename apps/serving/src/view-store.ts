import type { ClickHouse } from '@weir/connector-clickhouse';
import { servedRow, viewQuery } from '@weir/views';
import type { ServedRow, View, ViewQueryOptions } from '@weir/views';

/** Where the rows of views are. */
export interface ViewStore {
  /** Rows of one answer, merged at the ownership in the options. */
  rows(view: View, options: ViewQueryOptions): Promise<readonly ServedRow[]>;
  /** Resolves when the store answers; throws a coded error. */
  ping(): Promise<void>;
}

/** The views in ClickHouse. */
export class ClickHouseViewStore implements ViewStore {
  readonly #clickhouse: ClickHouse;

  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  async rows(view: View, options: ViewQueryOptions): Promise<readonly ServedRow[]> {
    const { sql, params } = viewQuery(view, options);
    const rows = await this.#clickhouse.query(sql, params);
    return rows.map((row) => servedRow(view, row));
  }

  ping(): Promise<void> {
    return this.#clickhouse.ping();
  }
}
