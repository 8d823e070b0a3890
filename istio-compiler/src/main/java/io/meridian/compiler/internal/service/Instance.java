package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.model.istio.Protocol;
import java.util.Comparator;

/** "This proxy's workload serves that port of that service", at {@code targetPort}. */
public record Instance(ServiceKey service, int servicePort, int targetPort, Protocol protocol)
        implements Comparable<Instance> {
    private static final Comparator<Instance> ORDER = Comparator.comparingInt(Instance::targetPort)
            .thenComparing(Instance::service)
            .thenComparingInt(Instance::servicePort)
            .thenComparing(Instance::protocol);

    @Override
    public int compareTo(Instance other) {
        return ORDER.compare(this, other);
    }
}
