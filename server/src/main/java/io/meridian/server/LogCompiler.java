package io.meridian.server;

import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.compiler.IstioCompiler;
import io.meridian.compiler.MeshCompiler;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.core.ProxyCompiler;
import io.meridian.core.ProxyDirectory.ConfigQuery;
import io.meridian.core.rpc.Errors;
import io.meridian.gateway.config.ConfigParts;
import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.pcollections.PSortedMap;

/**
 * Compiles what a proxy was to hold at a state of its mesh's log: the compiler is a function of the image, so a new one gives the bytes that
 * the gateways gave. One at a time, since each builds all that it needs from nothing. Thread-safe.
 */
final class LogCompiler implements ProxyCompiler {
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Function<MeshId, MeshCompiler> compilers;
    private final Semaphore turn = new Semaphore(1, true);

    LogCompiler() {
        this(IstioCompiler::new);
    }

    LogCompiler(Function<MeshId, MeshCompiler> compilers) {
        this.compilers = compilers;
    }

    @Override
    public List<ServedResource> compile(
            MeshState state,
            Map<String, List<InventoryRecord>> inventory,
            ProxyStatus proxy,
            ConfigQuery query,
            Duration timeout) {
        Proxy described = proxy(proxy);
        try {
            if (!turn.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw Errors.unavailable("other positions are being compiled; ask again", RETRY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.unavailable("the region is closing", RETRY);
        }
        try {
            return parts(view(state, inventory, described), query);
        } finally {
            turn.release();
        }
    }

    private ProxyView view(MeshState state, Map<String, List<InventoryRecord>> inventory, Proxy proxy) {
        MeshImage.Step step = MeshImage.empty(state.id()).replaceState(state);
        ImageDelta delta = step.delta();
        for (Map.Entry<String, List<InventoryRecord>> cluster : inventory.entrySet()) {
            step = step.image().withInventory(cluster.getKey(), true, cluster.getValue());
            delta = delta.and(step.delta());
        }
        MeshCompiler compiler = compilers.apply(state.id());
        compiler.update(step.image(), delta);
        return compiler.view(proxy);
    }

    private static List<ServedResource> parts(ProxyView view, ConfigQuery query) {
        List<ConfigParts.Served> wanted = new ArrayList<>();
        for (XdsType type : XdsType.values()) {
            PSortedMap<String, XdsResource> ofType = view.resources().get(type);
            if (ofType != null && (query.types().isEmpty() || query.types().contains(type.shortName()))) {
                ofType.values().stream()
                        .filter(resource ->
                                query.name().isEmpty() || query.name().equals(resource.name()))
                        .forEach(resource ->
                                wanted.add(new ConfigParts.Served(resource, ProxyStatus.State.STATE_UNSPECIFIED)));
            }
        }
        List<ServedResource> all = new ArrayList<>();
        long bytes = 0;
        for (Iterator<List<ServedResource>> parts = ConfigParts.of(wanted); parts.hasNext(); ) {
            for (ServedResource part : parts.next()) {
                bytes += part.getSerializedSize();
                all.add(part);
            }
            if (bytes > ConfigQuery.MOST_ANSWER_BYTES) {
                throw ConfigQuery.tooLarge();
            }
        }
        return all;
    }

    private static Proxy proxy(ProxyStatus status) {
        if (!status.hasDescription()) {
            throw Errors.failedPrecondition(
                    "NOT_DESCRIBED",
                    status.getNode(),
                    "gateway " + status.getGateway() + " does not tell how the proxy described itself; upgrade it");
        }
        ProxyStatus.NodeDescription node = status.getDescription();
        return new Proxy(
                status.getNode(),
                Proxy.Type.valueOf(status.getType()),
                node.getAddressesList(),
                node.getName(),
                node.getNamespace(),
                node.getDomain(),
                status.getCluster(),
                node.getNetwork(),
                node.getLocality(),
                node.getLabelsMap(),
                Proxy.InterceptionMode.valueOf(node.getInterceptionMode()),
                node.getIstioVersion(),
                node.getServiceAccount());
    }
}
