package io.meridian.core.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.meridian.api.type.v1.Actor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Notes who calls. Nothing is proved here: {@code authenticated} stays false, the subject is what the client says of itself. */
public final class CallerInterceptor implements ServerInterceptor {
    /** Who the caller says he is. */
    public static final Metadata.Key<String> ACTOR_HEADER =
            Metadata.Key.of("meridian-actor", Metadata.ASCII_STRING_MARSHALLER);

    private static final Metadata.Key<String> USER_AGENT =
            Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER);
    /** The beginning of the command line's user-agent. */
    private static final String CLI_AGENT = "meridian-cli";

    private static final int MAX_SUBJECT_CHARS = 256;
    private static final Actor UNKNOWN =
            Actor.newBuilder().setSubject("anonymous").setChannel("grpc").build();
    private static final Context.Key<Actor> ACTOR = Context.keyWithDefault("meridian-actor", UNKNOWN);

    /** Of the call that the current thread works for. */
    static Actor current() {
        Actor actor = ACTOR.get();
        return actor == null ? UNKNOWN : actor;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Actor actor = Actor.newBuilder()
                .setSubject(subject(headers.get(ACTOR_HEADER)))
                .setChannel(channel(headers.get(USER_AGENT)))
                .setPeer(peer(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)))
                .build();
        return Contexts.interceptCall(Context.current().withValue(ACTOR, actor), call, headers, next);
    }

    /** Cut, and without control characters: it is written into the log for ever. */
    private static String subject(@Nullable String claimed) {
        if (claimed == null || claimed.isBlank()) {
            return UNKNOWN.getSubject();
        }
        String clean = claimed.strip().replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= MAX_SUBJECT_CHARS ? clean : clean.substring(0, MAX_SUBJECT_CHARS);
    }

    private static String channel(@Nullable String userAgent) {
        return userAgent != null && userAgent.toLowerCase(Locale.ROOT).startsWith(CLI_AGENT) ? "cli" : "grpc";
    }

    private static String peer(@Nullable SocketAddress address) {
        return switch (address) {
            case null -> "";
            case InetSocketAddress inet
            when inet.getAddress() != null -> inet.getAddress().getHostAddress() + ":" + inet.getPort();
            default -> address.toString();
        };
    }
}
