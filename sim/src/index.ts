/**
 * The simulator runs the daemon's own code through virtual time:
 * a run is a pure function of its scenario and its seed.
 */
export { runScenario, type Scenario, type ScenarioReport } from './run.ts'
export { SCENARIOS } from './scenarios/index.ts'
export { VirtualCloud, type VirtualCloudOptions } from './virtual-cloud.ts'
export { grid } from './topology/grid.ts'
export { seesTheTruth } from './checkers/convergence.ts'
export {
  checkConverged, tellConverged, type Convergence, type Difference, type VersionedWrite
} from './checkers/eventual.ts'
export {
  checkLinearizable, tellLinearizability, type Linearizability, type LinearizabilityOptions, type Operation,
  type SequentialModel
} from './checkers/linearizability.ts'
export { describeRegister, register, type RegisterInput, type RegisterOutput } from './checkers/models.ts'
