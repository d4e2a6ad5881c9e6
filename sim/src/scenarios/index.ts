/** The scenarios that ship, by name. */
import { rackPowerCut } from './rack-power-cut.ts'
import type { Scenario } from '../run.ts'

export const SCENARIOS: Readonly<Record<string, Scenario>> = { [rackPowerCut.name]: rackPowerCut }
