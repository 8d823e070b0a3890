package io.meridian.gateway.internal.protocol;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.meridian.compiler.XdsType;
import java.util.Random;

/** The delta variant of the model. */
final class ModelDeltaClient extends ModelClient<DeltaStream> {
    ModelDeltaClient(Random random, Views views) {
        super(random, views);
    }

    @Override
    DeltaStream open() {
        return new DeltaStream(false, sharing, LIMITS, now);
    }

    private static DeltaDiscoveryRequest.Builder request(XdsType type) {
        return DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.typeUrl());
    }

    @Override
    void introduce(XdsType type, Holding holding) throws TooManyNamesException {
        DeltaDiscoveryRequest.Builder request =
                request(type).addAllResourceNamesSubscribe(holding.wanted).putAllInitialResourceVersions(holding.held);
        if (holding.wildcard) {
            request.addResourceNamesSubscribe("*");
        } else if (holding.wanted.isEmpty()) {
            // Nothing would mean everything.
            holding.requested = false;
            return;
        }
        stream.onRequest(request.build(), now);
    }

    @Override
    void subscribe(XdsType type, Holding holding, String name) throws TooManyNamesException {
        holding.requested = true;
        holding.wanted.add(name);
        stream.onRequest(
                request(type)
                        .addResourceNamesSubscribe(name)
                        .setResponseNonce(anyNonce())
                        .build(),
                now);
    }

    /** Spontaneous requests may carry whatever nonce. */
    private String anyNonce() {
        return random.nextBoolean() ? "" : "stale";
    }

    @Override
    void unsubscribe(XdsType type, Holding holding, String name) throws TooManyNamesException {
        if (!holding.requested) {
            return;
        }
        holding.wanted.remove(name);
        if (!holding.wildcard) {
            holding.held.remove(name);
        }
        stream.onRequest(
                request(type)
                        .addResourceNamesUnsubscribe(name)
                        .setResponseNonce(anyNonce())
                        .build(),
                now);
    }

    @Override
    void wildcard(XdsType type, Holding holding, boolean on) throws TooManyNamesException {
        if (on) {
            boolean legacy = !holding.requested && type.completeInStateOfTheWorld() && random.nextBoolean();
            holding.requested = true;
            holding.wildcard = true;
            stream.onRequest(
                    legacy
                            ? request(type).build()
                            : request(type).addResourceNamesSubscribe("*").build(),
                    now);
        } else if (holding.wildcard) {
            holding.wildcard = false;
            holding.held.keySet().retainAll(holding.wanted);
            stream.onRequest(request(type).addResourceNamesUnsubscribe("*").build(), now);
        }
    }

    @Override
    void accept(Outgoing response, Holding holding) throws TooManyNamesException {
        response.resources().forEach(resource -> {
            if (holding.wants(resource.name())) {
                holding.held.put(resource.name(), resource.version());
            }
        });
        response.removed().forEach(holding.held::remove);
        stream.onRequest(
                request(typeOf(response)).setResponseNonce(response.nonce()).build(), now);
    }

    @Override
    void refuse(Outgoing response, Holding holding) throws TooManyNamesException {
        // Removals can't be refused in earnest.
        response.removed().forEach(holding.held::remove);
        stream.onRequest(
                request(typeOf(response))
                        .setResponseNonce(response.nonce())
                        .setErrorDetail(Status.newBuilder().setCode(3).setMessage("refused"))
                        .build(),
                now);
    }

    @Override
    boolean toldOfAbsence(XdsType type) {
        return true;
    }
}
