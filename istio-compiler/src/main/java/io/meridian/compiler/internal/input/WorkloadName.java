package io.meridian.compiler.internal.input;

/** A workload in whichever cluster. */
public record WorkloadName(String namespace, String name) {}
