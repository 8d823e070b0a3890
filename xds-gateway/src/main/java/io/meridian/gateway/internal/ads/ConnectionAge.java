package io.meridian.gateway.internal.ads;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Ends connections that are old, so that proxies spread over the gateways again after one was away: whoever comes back is sent nothing that it
 * has. The client is told by GOAWAY, may finish what it does for a grace, and is then cut off. Thread-safe.
 *
 * @param age about which a connection is ended, a tenth earlier or later, so that those that came together do not go together; zero: never
 * @param grace from GOAWAY until it is closed, since a discovery stream does not end by itself
 */
public record ConnectionAge(Duration age, Duration grace) {
    /** Connections may become as old as they like. */
    public static final ConnectionAge UNBOUNDED = new ConnectionAge(Duration.ZERO, Duration.ZERO);

    private static final Attributes.Key<Long> OPENED_NANOS = Attributes.Key.create("opened-nanos");
    private static final String BY_CLIENT = "the client closed it";

    NettyServerBuilder limit(NettyServerBuilder server) {
        if (!age.isPositive()) {
            return server;
        }
        return server.maxConnectionAge(age.toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAgeGrace(grace.toMillis(), TimeUnit.MILLISECONDS)
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes transport) {
                        return transport.toBuilder()
                                .set(OPENED_NANOS, System.nanoTime())
                                .build();
                    }
                });
    }

    /** How a stream ended that the gateway did not end itself, for an operator. {@code call}: its attributes. */
    String ending(Attributes call) {
        Long opened = call.get(OPENED_NANOS);
        boolean old =
                opened != null && System.nanoTime() - opened >= age.toNanos() - age.toNanos() / 10 + grace.toNanos();
        return old ? "its connection was as old as the gateway lets one become" : BY_CLIENT;
    }
}
