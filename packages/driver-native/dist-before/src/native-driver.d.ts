import { type Driver, type DriverAbilities, type DriverFacts, type ObjectId, type Task, type TaskEnd, type TaskOutput, type TaskSpec } from '@welkin/interface';
import { type NativeDriverOptions } from './options.ts';
/** Runs native processes, which are the shepherd's children: see `shepherd/main.ts`. */
export declare class NativeDriver implements Driver {
    #private;
    readonly name = "native";
    constructor(options: NativeDriverOptions);
    /** What is known of limits is known after `start` or `facts`; before, none are promised. */
    get abilities(): DriverAbilities;
    facts(): Promise<DriverFacts>;
    start(): Promise<void>;
    stop(): Promise<void>;
    run(spec: TaskSpec): Promise<Task>;
    recover(id: ObjectId): Promise<Task | TaskEnd | undefined>;
    output(id: ObjectId): TaskOutput;
    collect(id: ObjectId, path: string): AsyncIterable<Uint8Array>;
    remove(id: ObjectId): Promise<void>;
}
