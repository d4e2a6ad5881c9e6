/**
 * The simulator runs the daemon's own code through virtual time:
 * a run is a pure function of its scenario and its seed.
 */
export { runScenario, planOf, type RunOptions, type ScenarioReport } from './run.ts'
export { parseScenario } from './scenario/parse.ts'
export { readScenario, shippedNames } from './command/read-scenario.ts'
export type { ScenarioDescription } from './scenario/schema.ts'
export type { RunRecord, Sample, StoryLine } from './record.ts'
export { VirtualCloud, type VirtualCloudOptions } from './virtual-cloud.ts'
export { CLOUD_PROTOCOL, HostilePeer, SITE_PROTOCOL, SUMMARIES_TOPIC } from './hostile/hostile-peer.ts'
export { openVitals, Voice } from './hostile/voice.ts'
export { grid } from './topology/grid.ts'
export { seesTheTruth, viewTruth } from './checkers/convergence.ts'
export { shrink } from './shrink.ts'
export {
  checkConverged, tellConverged, type Convergence, type Difference, type VersionedWrite
} from './checkers/eventual.ts'
export {
  checkLinearizable, tellLinearizability, type Linearizability, type LinearizabilityOptions, type Operation,
  type SequentialModel
} from './checkers/linearizability.ts'
export { describeRegister, register, type RegisterInput, type RegisterOutput } from './checkers/models.ts'
