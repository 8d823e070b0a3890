package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.input.VirtualServiceRef;
import io.meridian.model.istio.Port;
import io.meridian.model.istio.Sidecar.CaptureMode;
import java.util.Optional;
import org.pcollections.PSortedMap;

/**
 * A part of what a client reaches, as a Sidecar's egress entry cuts it out; without a Sidecar there is one that has it all.
 *
 * @param port unset: of whatever ports its services have
 * @param services by host, one each
 * @param virtualServices those that may route it, the oldest first
 */
public record EgressListener(
        Optional<Port> port,
        Optional<String> bind,
        CaptureMode captureMode,
        PSortedMap<String, ServiceKey> services,
        PSortedMap<Age, VirtualServiceRef> virtualServices) {}
