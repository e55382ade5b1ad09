export type { Books, Catalog, JobStatus, Lease, Ownership, PartitionPosition, Run, Verification } from './catalog.ts';
export { ChangeListener } from './change-listener.ts';
export { HeldLease } from './held-lease.ts';
export type { HeldLeaseOptions } from './held-lease.ts';
export { migrateCatalog, openCatalog } from './postgres-catalog.ts';
export type { CatalogOptions } from './postgres-catalog.ts';
