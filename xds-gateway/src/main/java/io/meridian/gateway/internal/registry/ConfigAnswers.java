package io.meridian.gateway.internal.registry;

import io.meridian.api.feed.v1.ConfigAnswer;
import io.meridian.api.feed.v1.ConfigRequest;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.config.ConfigParts;
import io.meridian.gateway.internal.protocol.ServedType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Answers what proxies are served, part by part: a part is made when the call has room for it, so that a large configuration is never there
 * as a whole. Confined to the reporter's thread.
 */
final class ConfigAnswers {
    /** Questions that are answered at once; a further one is told to come again. */
    private static final int MOST_AT_ONCE = 4;

    private final String gateway;
    private final ProxyRegistry registry;
    private final Executor executor;
    private final Deque<Answer> open = new ArrayDeque<>();
    private int asked;
    private int generation;

    /** One answer under way; {@code failure} is told at its end. */
    private record Answer(long id, Iterator<List<ServedResource>> parts, String failure) {}

    /** {@code executor}: runs tasks on the reporter's thread, which then looks for what to send. */
    ConfigAnswers(String gateway, ProxyRegistry registry, Executor executor) {
        this.gateway = gateway;
        this.registry = registry;
        this.executor = executor;
    }

    void ask(ConfigRequest request) {
        if (asked >= MOST_AT_ONCE) {
            fail(request, "gateway " + gateway + " answers " + MOST_AT_ONCE + " such questions at a time; ask again");
            return;
        }
        Optional<ProxyConnection> connection =
                registry.connection(new ProxyRegistry.Key(request.getMesh(), request.getNode()));
        if (connection.isEmpty()) {
            fail(request, "the proxy is not connected to gateway " + gateway + " any more");
            return;
        }
        asked++;
        int now = generation;
        var _ = connection
                .get()
                .inspection()
                .served()
                .whenComplete((types, failure) -> executor.execute(() -> {
                    if (now != generation) {
                        return;
                    }
                    if (types == null) {
                        asked--;
                        fail(request, "the proxy's stream ended meanwhile");
                    } else {
                        open.add(new Answer(request.getId(), ConfigParts.of(wanted(request, types)), ""));
                    }
                }));
    }

    private void fail(ConfigRequest request, String why) {
        asked++;
        open.add(new Answer(request.getId(), List.<List<ServedResource>>of().iterator(), why));
    }

    private static List<ConfigParts.Served> wanted(ConfigRequest request, List<ServedType> types) {
        Set<XdsType> asked = EnumSet.noneOf(XdsType.class);
        Arrays.stream(XdsType.values())
                .filter(type ->
                        request.getTypesCount() == 0 || request.getTypesList().contains(type.shortName()))
                .forEach(asked::add);
        List<ConfigParts.Served> found = new ArrayList<>();
        types.stream()
                .filter(type -> asked.contains(type.type()))
                .flatMap(type -> type.items().stream())
                .filter(item -> request.getName().isEmpty()
                        || request.getName().equals(item.resource().name()))
                .forEach(item -> found.add(new ConfigParts.Served(item.resource(), StatusProto.state(item.state()))));
        return found;
    }

    /** The next part of an answer; null if there is none. */
    @Nullable
    ProxyReport next() {
        Answer answer = open.peek();
        if (answer == null) {
            return null;
        }
        ConfigAnswer.Builder part = ConfigAnswer.newBuilder().setId(answer.id());
        if (answer.parts().hasNext()) {
            part.addAllResources(answer.parts().next());
        }
        if (!answer.parts().hasNext()) {
            open.remove();
            asked--;
            part.setLast(true).setFailure(answer.failure());
        }
        return ProxyReport.newBuilder().setGateway(gateway).setConfig(part).build();
    }

    /** Whoever asked is gone. */
    void clear() {
        open.clear();
        asked = 0;
        generation++;
    }
}
