"""The contract of rooms and requests: each method is one class. Events are told by ``hall``,
``reader`` and ``stage_reader``."""

from __future__ import annotations

from desktop.rpc.method import Method
from desktop.rpc.rooms import asides, board, life, order, stage

ROOM_METHODS: dict[str, type[Method]] = {
    cls.method: cls
    for cls in (
        life.RoomOpen,
        life.RoomLook,
        life.RoomEnter,
        life.RoomLeave,
        life.RoomForget,
        life.RoomEnd,
        life.RoomLink,
        life.RoomRooms,
        life.RoomShow,
        life.RoomSet,
        stage.RoomSay,
        stage.RoomList,
        stage.RoomReact,
        stage.RoomPin,
        board.RoomAsk,
        board.RoomQuestions,
        board.RoomVote,
        board.RoomStar,
        board.RoomAnswer,
        board.RoomDone,
        board.RoomDecline,
        order.RoomPeople,
        order.RoomAct,
        order.RoomUndo,
        order.RoomHand,
        order.RoomReport,
        order.RoomDesk,
        order.RoomDeskDone,
        asides.RoomAside,
        asides.RoomAsideQuestion,
        asides.RoomInviteAskers,
        asides.RequestList,
        asides.RequestAccept,
        asides.RequestDecline,
        asides.RequestBlock,
        asides.ConversationCard,
    )
}
