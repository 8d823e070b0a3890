package io.meridian.compiler.internal.grpc;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.translate.GrpcListeners;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a server asks for that listens at that address.
 *
 * @param address without brackets
 */
record ServerListener(String address, int port) implements Query<XdsResource> {
    /** Of every interface, and of this machine alone. A workload's own addresses are left out: they would set it apart from all others. */
    private static final List<String> ADDRESSES = List.of("0.0.0.0", "::", "127.0.0.1", "::1");

    @Override
    public XdsResource compute(Tracked view) {
        String host = address.contains(":") ? "[" + address + "]" : address;
        String name = GrpcListeners.SERVER_PREFIX + host + ":" + port;
        return view.resource(
                XdsType.LISTENER, name, XdsResource.deterministic(GrpcListeners.ofServer(name, address, port)));
    }

    static Stream<ServerListener> of(int port) {
        return ADDRESSES.stream().map(address -> new ServerListener(address, port));
    }
}
