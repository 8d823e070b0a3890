package io.meridian.model.istio;

/** A parsed {@code spec}. Immutable, with value equality. */
public sealed interface IstioSpec
        permits DestinationRule, Gateway, ServiceEntry, Sidecar, VirtualService, WorkloadEntry {}
