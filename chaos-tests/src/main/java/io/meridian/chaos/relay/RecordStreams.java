package io.meridian.chaos.relay;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.meridian.api.replication.v1.FollowRequest;
import io.meridian.api.replication.v1.RegionPeerGrpc;
import java.util.Set;
import java.util.stream.Collectors;

/** What regions say to each other, as far as a relay has to know it. */
final class RecordStreams {
    private static final String FOLLOW = RegionPeerGrpc.getFollowMethod().getFullMethodName();
    /** Steps of a move and parts of an answer are no records. */
    private static final Set<String> STREAMS = Set.of(
            FOLLOW,
            RegionPeerGrpc.getWatchHeadsMethod().getFullMethodName(),
            RegionPeerGrpc.getWatchInventoryMethod().getFullMethodName());

    private static final Set<String> CALLS = RegionPeerGrpc.getServiceDescriptor().getMethods().stream()
            .filter(method -> method.getType() == MethodType.UNARY)
            .map(MethodDescriptor::getFullMethodName)
            .collect(Collectors.toUnmodifiableSet());

    private RecordStreams() {}

    /** Whether what the method answers is a stream of records. */
    static boolean answersRecords(String method) {
        return STREAMS.contains(method);
    }

    /** Whether the callers of the method send many messages. */
    static boolean takesMany(String method) {
        return FOLLOW.equals(method);
    }

    /** Whether it takes one message and answers one. */
    static boolean isCall(String method) {
        return CALLS.contains(method);
    }

    /** The mesh that a stream is about, by its first message; empty if it is about all. */
    static String mesh(String method, byte[] first) {
        if (!FOLLOW.equals(method)) {
            return "";
        }
        try {
            return FollowRequest.parseFrom(first).getOpen().getMesh();
        } catch (InvalidProtocolBufferException e) {
            // The server will say so.
            return "";
        }
    }
}
