-- The two tables of each reference view: results by key and window, of which the highest version counts.

CREATE TABLE IF NOT EXISTS `revenue_by_country_speed` (
  `result_key` String,
  `window_start` Int64,
  `window_end` Int64,
  `country` String,
  `hour` Int64,
  `cents` Int64,
  `units` Int64,
  `orders` Int64,
  `pane_timing` Enum8('early' = 0, 'on-time' = 1, 'late' = 2),
  `pane_index` Int32,
  `is_last` UInt8,
  `watermark` Nullable(Int64),
  `task_epoch` UInt32,
  `version` UInt64,
  `is_deleted` UInt8,
  `run_id` String,
  `code_version` LowCardinality(String)
) ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (window_end, result_key, window_start);

CREATE TABLE IF NOT EXISTS `revenue_by_country_batch` (
  `result_key` String,
  `window_start` Int64,
  `window_end` Int64,
  `country` String,
  `hour` Int64,
  `cents` Int64,
  `units` Int64,
  `orders` Int64,
  `pane_timing` Enum8('early' = 0, 'on-time' = 1, 'late' = 2),
  `pane_index` Int32,
  `is_last` UInt8,
  `watermark` Nullable(Int64),
  `task_epoch` UInt32,
  `version` UInt64,
  `is_deleted` UInt8,
  `run_id` String,
  `code_version` LowCardinality(String)
) ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (run_id, window_end, result_key, window_start);

CREATE TABLE IF NOT EXISTS `best_sellers_speed` (
  `result_key` String,
  `window_start` Int64,
  `window_end` Int64,
  `windowEnd` Int64,
  `top` String,
  `pane_timing` Enum8('early' = 0, 'on-time' = 1, 'late' = 2),
  `pane_index` Int32,
  `is_last` UInt8,
  `watermark` Nullable(Int64),
  `task_epoch` UInt32,
  `version` UInt64,
  `is_deleted` UInt8,
  `run_id` String,
  `code_version` LowCardinality(String)
) ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (window_end, result_key, window_start);

CREATE TABLE IF NOT EXISTS `best_sellers_batch` (
  `result_key` String,
  `window_start` Int64,
  `window_end` Int64,
  `windowEnd` Int64,
  `top` String,
  `pane_timing` Enum8('early' = 0, 'on-time' = 1, 'late' = 2),
  `pane_index` Int32,
  `is_last` UInt8,
  `watermark` Nullable(Int64),
  `task_epoch` UInt32,
  `version` UInt64,
  `is_deleted` UInt8,
  `run_id` String,
  `code_version` LowCardinality(String)
) ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (run_id, window_end, result_key, window_start);

CREATE TABLE IF NOT EXISTS `shopping_sessions_speed` (
  `result_key` String,
  `window_start` Int64,
  `window_end` Int64,
  `customer` String,
  `start` Int64,
  `end` Int64,
  `lines` Int64,
  `invoices` Int64,
  `cents` Int64,
  `lengthSeconds` Int64,
  `pane_timing` Enum8('early' = 0, 'on-time' = 1, 'late' = 2),
  `pane_index` Int32,
  `is_last` UInt8,
  `watermark` Nullable(Int64),
  `task_epoch` UInt32,
  `version` UInt64,
  `is_deleted` UInt8,
  `run_id` String,
  `code_version` LowCardinality(String)
) ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (window_end, result_key, window_start);

CREATE TABLE IF NOT EXISTS `shopping_sessions_batch` (
  `result_key` String,
  `window_start` Int64,
  `window_end` Int64,
  `customer` String,
  `start` Int64,
  `end` Int64,
  `lines` Int64,
  `invoices` Int64,
  `cents` Int64,
  `lengthSeconds` Int64,
  `pane_timing` Enum8('early' = 0, 'on-time' = 1, 'late' = 2),
  `pane_index` Int32,
  `is_last` UInt8,
  `watermark` Nullable(Int64),
  `task_epoch` UInt32,
  `version` UInt64,
  `is_deleted` UInt8,
  `run_id` String,
  `code_version` LowCardinality(String)
) ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (run_id, window_end, result_key, window_start);
