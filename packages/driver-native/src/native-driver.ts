import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CloudError, isCloudError, type Cancel, type Driver, type DriverAbilities, type DriverFacts, type ObjectId, type Task,
  type TaskEnd, type TaskOutput, type TaskSpec
} from '@welkin/interface'
import { probeCgroups, type Probe } from './cgroups/probe.ts'
import type { Places } from './cgroups/places.ts'
import { collectFile } from './collect-file.ts'
import { taskEnvironment } from './environment.ts'
import { asCloudError, systemCode } from './faults.ts'
import { taskDirectory, workDirectory } from './layout.ts'
import { NativeTask } from './native-task.ts'
import { shepherdOptions, type NativeDriverOptions } from './options.ts'
import { isEnded, type News, type Trace } from './protocol.ts'
import { ShepherdClient } from './shepherd-client.ts'
import { SegmentOutput } from './task-output.ts'
import { checkSpec } from './task-spec.ts'
import { Watchers } from './watchers.ts'
import { putFile } from './work-files.ts'

/** A task whose end is waited for. */
interface Awaited { attempt: number | undefined, ended: Promise<TaskEnd>, settle: (end: TaskEnd) => void, task: NativeTask | undefined }

export class NativeDriver implements Driver {
  readonly name = 'native'
}
