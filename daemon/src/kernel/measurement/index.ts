/** Measurement knows what the ways between nodes are like, at a cost that the cloud does not raise (paper III.B.1). */
export { createMeasurement } from './measurement.ts'
export { serveMeasurement } from './calls.ts'
