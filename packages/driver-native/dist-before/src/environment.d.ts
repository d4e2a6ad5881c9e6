type Environment = Readonly<Record<string, string>>;
/** A task's whole environment: what its spec says and what hardly a program does without; nothing is inherited. */
export declare function taskEnvironment(env: Environment, workDirectory: string): Environment;
export {};
