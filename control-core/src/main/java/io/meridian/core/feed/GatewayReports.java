package io.meridian.core.feed;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.feed.v1.ProxyReportAck;
import io.meridian.core.ProxyDirectory;
import io.meridian.core.rpc.Errors;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams by which gateways report. A report is taken only when the acknowledgement of the one before it is on its way. A gateway that
 * comes back before its old stream is noticed to have ended keeps its proxies: only its newest stream speaks for it.
 */
final class GatewayReports {
    /** Of a gateway's name. */
    private static final int MAX_NAME_CHARS = 253;

    private static final Logger LOG = LoggerFactory.getLogger(GatewayReports.class);

    private final ProxyDirectory directory;
    private final ConcurrentHashMap<String, Session> newest = new ConcurrentHashMap<>();

    GatewayReports(ProxyDirectory directory) {
        this.directory = directory;
    }

    StreamObserver<ProxyReport> open(ServerCallStreamObserver<ProxyReportAck> observer) {
        return new Session(observer);
    }

    private final class Session implements StreamObserver<ProxyReport> {
        private final ServerCallStreamObserver<ProxyReportAck> observer;
        private final GatewayQuestions questions;
        private String gateway = "";
        private boolean asked;
        private boolean ended;

        Session(ServerCallStreamObserver<ProxyReportAck> observer) {
            this.observer = observer;
            this.questions = new GatewayQuestions(question ->
                    answer(ProxyReportAck.newBuilder().setConfig(question).build()));
            observer.disableAutoRequest();
            observer.setOnReadyHandler(this::requestNext);
            observer.setOnCancelHandler(this::end);
        }

        private void requestNext() {
            if (!asked && !ended && observer.isReady()) {
                asked = true;
                observer.request(1);
            }
        }

        @Override
        public void onNext(ProxyReport report) {
            asked = false;
            if (ended) {
                return;
            }
            if (report.getGateway().isEmpty() || report.getGateway().length() > MAX_NAME_CHARS) {
                refuse("is required, of up to " + MAX_NAME_CHARS + " characters");
                return;
            }
            if (!gateway.isEmpty() && !gateway.equals(report.getGateway())) {
                refuse("changed from \"" + gateway + "\" to \"" + report.getGateway() + "\" within a stream");
                return;
            }
            if (gateway.isEmpty()) {
                gateway = report.getGateway();
                newest.put(gateway, this);
                questions.gateway(gateway);
                directory.gatewayAnswers(gateway, questions);
                LOG.info("gateway reports gateway={}", gateway);
            }
            if (report.hasConfig()) {
                questions.answered(report.getConfig());
            } else if (newest.get(gateway) == this) {
                directory.report(report);
            }
            answer(ProxyReportAck.getDefaultInstance());
            requestNext();
        }

        /** Questions come from other threads than acknowledgements. */
        private void answer(ProxyReportAck ack) {
            synchronized (observer) {
                observer.onNext(ack);
            }
        }

        private void refuse(String message) {
            end();
            observer.onError(Errors.invalid("gateway", message));
        }

        @Override
        public void onError(Throwable failure) {
            end();
        }

        @Override
        public void onCompleted() {
            end();
            observer.onCompleted();
        }

        private void end() {
            ended = true;
            questions.end();
            if (!gateway.isEmpty() && newest.remove(gateway, this)) {
                LOG.info("gateway gone gateway={}", gateway);
                directory.gatewayGone(gateway);
            }
        }
    }
}
