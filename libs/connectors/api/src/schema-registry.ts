/** A schema as a registry holds it; what an id stands for never changes. */
export interface RegisteredSchema {
  readonly id: number;
  /** AVRO, PROTOBUF or JSON. */
  readonly type: string;
  readonly schema: string;
  /** The schemas that it names types of, those first that the others need. */
  readonly references: readonly string[];
}

/** Finds schemas by the id that stands in front of a value. */
export interface SchemaSource {
  /** Undefined when there is none of this id. Rejects with a WeirError when that cannot be found out; a retryable one when it may be later. */
  schemaById(id: number): Promise<RegisteredSchema | undefined>;
}

/** What a check before a job needs of a registry: the schemas of a subject besides. */
export interface SubjectSource extends SchemaSource {
  /** The versions of a subject, oldest first; none when there is no such subject. */
  versions(subject: string): Promise<readonly RegisteredSchema[]>;
}
