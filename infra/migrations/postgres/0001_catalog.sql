-- Who may run a task. The epoch only grows, also after a release: it fences whoever held the lease before.
CREATE TABLE leases (
  task text PRIMARY KEY,
  owner text,
  epoch integer NOT NULL,
  expires_at timestamptz NOT NULL
);

-- What each job says of itself; one row a job and layer, overwritten about once a second.
CREATE TABLE jobs (
  pipeline text NOT NULL,
  layer text NOT NULL CHECK (layer IN ('speed', 'batch')),
  status jsonb NOT NULL,
  PRIMARY KEY (pipeline, layer)
);

-- Ranges that the batch layer replayed.
CREATE TABLE runs (
  run_id text PRIMARY KEY,
  pipeline text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'published', 'failed')),
  frontier bigint NOT NULL,
  run jsonb NOT NULL,
  ordinal bigint GENERATED ALWAYS AS IDENTITY
);

-- Which run owns the event time before the frontier of a view.
CREATE TABLE ownership (
  view text PRIMARY KEY,
  run_id text NOT NULL REFERENCES runs,
  frontier bigint NOT NULL,
  version integer NOT NULL
);

CREATE TABLE verifications (
  ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  verification jsonb NOT NULL
);
