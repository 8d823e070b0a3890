package io.meridian.chaos.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.chaos.history.Field;
import io.meridian.chaos.history.History.Step;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A proxy of one gateway and one mesh, across the deaths of the gateway's process. It takes what it is served, acknowledges it, and writes
 * down what its routes say: all keys at once, since they are in one resource. When its stream has ended it comes back, in turns as the proxy
 * that it was, which tells what it holds and is served only what differs, or as a new one, which is served everything.
 */
public final class Proxy extends Loop implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
    private static final int MORE_PAUSE_MILLIS = 400;

    private final Context context;
    private final String gateway;
    private final String mesh;
    private final Random random;
    private final ManagedChannel channel;
    private @Nullable AdsStream last;
    private volatile Map<String, Long> served = Map.of();

    /** {@code xds}: the gateway's HOST:PORT. */
    public Proxy(Context context, String gateway, String xds, String mesh, long seed) {
        super("proxy-" + gateway + "-" + mesh);
        this.context = context;
        this.gateway = gateway;
        this.mesh = mesh;
        this.random = new Random(seed);
        int colon = xds.lastIndexOf(':');
        channel = NettyChannelBuilder.forAddress(xds.substring(0, colon), Integer.parseInt(xds.substring(colon + 1)))
                .usePlaintext()
                .disableRetry()
                .build();
    }

    String gateway() {
        return gateway;
    }

    String mesh() {
        return mesh;
    }

    /** What it was served last; empty if nothing was. From any thread. */
    Map<String, Long> served() {
        return served;
    }

    @Override
    Duration step() throws InterruptedException {
        channel.resetConnectBackoff();
        String node = "sidecar~127.0.0.1~%s.%s~%s.svc.cluster.local".formatted(gateway, mesh, mesh);
        AdsStream stream = last == null || random.nextBoolean()
                ? AdsStream.begin(channel, node, mesh, this::take)
                : AdsStream.resume(channel, node, mesh, last, this::take);
        last = stream;
        while (!stopped() && !stream.awaitEnd(LOOK)) {
            // It is served.
        }
        stream.cancel();
        return SHORTEST_PAUSE.plusMillis(random.nextInt(MORE_PAUSE_MILLIS));
    }

    /** On a thread of the channel, one at a time. */
    private void take(Map<String, Long> values) {
        served = values;
        context.history()
                .monitor(Step.INFO, "served")
                .with(Field.GATEWAY, gateway)
                .with(Field.MESH, mesh)
                .with(Field.VALUE, values)
                .write();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
