/** Parts of the kernel by themselves, for who measures one of them without a node around it. */
export { Dispatcher, OPEN, type Calls } from './dispatch/index.ts'
export { createMeasurement } from './kernel/measurement/index.ts'
export { measurementOptions } from './kernel/measurement/options.ts'
export { Placement, type Job } from './kernel/placement/placement.ts'
export { Promises } from './kernel/processes/promises.ts'
export { Finder, serveResources } from './kernel/resources/index.ts'
export { SiteTable } from './kernel/resources/site/site-table.ts'
