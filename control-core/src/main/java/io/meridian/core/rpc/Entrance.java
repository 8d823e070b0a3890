package io.meridian.core.rpc;

import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.ArrayList;
import java.util.List;

/**
 * The services of one gRPC address, ready to be added to a server: each behind the interceptors, with health (all SERVING from the start)
 * and reflection beside them. Its server must bound what comes in, and let the 3 MiB of manifests of one request through.
 */
public final class Entrance {
    private final HealthStatusManager health = new HealthStatusManager();
    private final List<ServerServiceDefinition> definitions = new ArrayList<>();

    public Entrance(List<BindableService> services) {
        services.forEach(this::add);
        add(health.getHealthService());
        add(ProtoReflectionServiceV1.newInstance());
        services.forEach(service ->
                health.setStatus(service.bindService().getServiceDescriptor().getName(), ServingStatus.SERVING));
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    }

    private void add(BindableService service) {
        // The last one is the outermost.
        definitions.add(
                ServerInterceptors.intercept(service.bindService(), new CallerInterceptor(), new FailureInterceptor()));
    }

    public List<ServerServiceDefinition> definitions() {
        return List.copyOf(definitions);
    }

    /** Tells health watchers NOT_SERVING, for good; call it before the server is shut down. */
    public void leave() {
        health.enterTerminalState();
    }
}
