//! Who may do what (SE3, AU3). Any staff may read everything and write notes; acting on a session is its owner's or an
//! ADMIN's.

use linedesk_protocol::{OperatorId, Role};

/// An operator as the token says, never as a client says (AU3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staff {
    pub id: OperatorId,
    pub role: Role,
}

impl Staff {
    /// ADMIN and above.
    pub const fn is_admin(self) -> bool {
        matches!(self.role, Role::Admin | Role::SuperAdmin)
    }

    /// Send, close, transfer, release: the owner, or an ADMIN. A session nobody owns is an ADMIN's to act on (SE3).
    pub fn may_act_for(self, owner: Option<OperatorId>) -> bool {
        self.is_admin() || owner == Some(self.id)
    }

    /// LINE accounts, their secrets, and what the installation looks like.
    pub const fn may_set_up(self) -> bool {
        self.is_admin()
    }

    /// `subscribe_analytics`.
    pub const fn may_see_analytics(self) -> bool {
        self.is_admin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staff(id: i64, role: Role) -> Staff {
        Staff { id: OperatorId(id), role }
    }

    #[test]
    fn se3_only_the_owner_or_an_admin_acts() {
        let owner = Some(OperatorId(1));
        assert!(staff(1, Role::Agent).may_act_for(owner));
        assert!(!staff(2, Role::Agent).may_act_for(owner));
        assert!(staff(2, Role::Admin).may_act_for(owner));
        assert!(staff(2, Role::SuperAdmin).may_act_for(owner));
        assert!(!staff(1, Role::Agent).may_act_for(None));
        assert!(staff(1, Role::Admin).may_act_for(None));
    }
}
